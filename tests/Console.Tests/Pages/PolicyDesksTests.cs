using System.Text.Json.Nodes;
using Handrail.Policies;
using Handrail.Policies.Editing;
using Handrail.Policy;
using Handrail.Store;
using Microsoft.Extensions.DependencyInjection;
using Xunit;

namespace Handrail.Pages;

/// <summary>What a person does while a draft is being published.</summary>
public sealed class PolicyDesksTests : PageContext
{
    [Fact]
    public Task What_is_moved_while_the_draft_is_being_published_stays_a_draft() => Renderer.Dispatcher.InvokeAsync(async () =>
    {
        var desk = Services.GetRequiredService<AutonomyDesk>();
        await desk.LoadAsync(null, default);
        desk.Make("fleet", new LevelEdit("email.send", Autonomy.Off));
        var draft = desk.DraftOf("fleet")!;
        draft.Reason = "It misbehaves";

        await PublishAsync(() => desk.PublishAsync("fleet"), () => desk.Make("fleet", new LevelEdit("expense.approve", Autonomy.Off)));

        await desk.LoadAsync(null, default);
        Assert.Same(draft, desk.DraftOf("fleet"));
        draft.Rebase();
        Assert.Contains("expense.approve added: off", Assert.Single(draft.Diff), StringComparison.Ordinal);
    });

    [Fact]
    public Task What_is_typed_while_the_draft_is_being_published_stays_a_draft() => Renderer.Dispatcher.InvokeAsync(async () =>
    {
        var desk = Services.GetRequiredService<RulesDesk>();
        await desk.LoadAsync("fleet", history: false, default);
        var draft = desk.Draft;
        draft.Form.Set(draft.Form.Root, "time_zone", "Europe/Vienna");
        draft.Reason = "We sit there";

        await PublishAsync(desk.PublishAsync, () => draft.Form.Set(draft.Form.Root, "silence_seconds", JsonValue.Create(600)));

        await desk.LoadAsync("fleet", history: false, default);
        Assert.Same(draft, desk.Shown);
        draft.Rebase();
        Assert.Contains("silence", Assert.Single(draft.Diff), StringComparison.OrdinalIgnoreCase);
    });

    /// <summary>Publishes while the database is kept busy, and does something else in the meantime.</summary>
    private async Task PublishAsync(Func<Task<int?>> publish, Action meanwhile)
    {
        var busy = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var writing = Services.GetRequiredService<HandrailStore>().WriteAsync(_ => busy.Task, default);
        var publishing = publish();
        Assert.False(publishing.IsCompleted);
        meanwhile();
        busy.SetResult();
        await writing;
        Assert.NotNull(await publishing);
    }
}

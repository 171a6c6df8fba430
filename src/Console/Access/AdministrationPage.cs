using Handrail.Live;
using Handrail.Shell;
using Microsoft.AspNetCore.Components;

namespace Handrail.Access;

/// <summary>A page for administrators, or few others: what they set, and who set what meanwhile.</summary>
public abstract class AdministrationPage : LivePage
{
    [Inject]
    public required CurrentCaller Caller { get; set; }

    [Inject]
    public required Deeds Deeds { get; set; }

    protected override LiveTopics Topics => LiveTopics.Every(HintKind.Audit);

    /// <summary>The page is not for who looks.</summary>
    protected bool Denied { get; private set; }

    /// <summary>Something is under way that must not be asked for twice.</summary>
    protected bool Saving { get; private set; }

    protected sealed override async Task LoadAsync(CancellationToken cancel)
    {
        var caller = await Caller.GetAsync();
        Denied = !IsFor(caller);
        if (!Denied)
        {
            await ReadAsync(caller, cancel);
        }
    }

    /// <summary>Whom the page is for.</summary>
    protected virtual bool IsFor(Caller caller) => caller.May(Permission.Administer);

    /// <summary>Reads what such a person sees.</summary>
    protected abstract Task ReadAsync(Caller caller, CancellationToken cancel);

    /// <summary>Does it as whoever looks, says what became of it, and reads again. True when it was done.</summary>
    protected async Task<bool> DoAsync(string done, Func<Caller, Task> deed)
    {
        Saving = true;
        try
        {
            var isDone = await Deeds.TryAsync(done, async () => await deed(await Caller.GetAsync()));
            await RefreshAsync();
            return isDone;
        }
        finally
        {
            Saving = false;
        }
    }
}

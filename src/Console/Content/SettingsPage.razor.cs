using Handrail.Access;
using Handrail.Shell;
using Microsoft.AspNetCore.Components;

namespace Handrail.Content;

/// <summary>What is taken out of content and how long it is kept.</summary>
public partial class SettingsPage
{
    private ContentReading? _reading;
    private ContentDraft? _draft;
    private bool _denied;
    private bool _saving;

    [Inject]
    public required ContentRules Rules { get; set; }

    [Inject]
    public required CurrentCaller Caller { get; set; }

    [Inject]
    public required Deeds Deeds { get; set; }

    [Inject]
    public required TimeProvider Time { get; set; }

    protected override async Task OnInitializedAsync()
    {
        var caller = await Caller.GetAsync();
        if (!caller.May(Permission.Administer))
        {
            _denied = true;
            return;
        }

        _reading = await Rules.ReadAsync(caller, CancellationToken.None);
        _draft = ContentDraft.Of(_reading.Settings);
    }

    private async Task SaveAsync()
    {
        _saving = true;
        await Deeds.TryAsync(
            "Saved; it holds for what comes in from now on.",
            async () => _reading = await Rules.ChangeAsync(await Caller.GetAsync(), _draft!.Settings(), _reading!.Version, CancellationToken.None));
        _saving = false;
    }
}

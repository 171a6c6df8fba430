using Handrail.Access;
using Handrail.Live;
using Handrail.Shell;
using Microsoft.AspNetCore.Components;

namespace Handrail.Health;

/// <summary>How the console itself does, and what to do about it.</summary>
public sealed partial class HealthPage
{
    /// <summary>Lines of what was rejected.</summary>
    private const int Shown = 50;

    private HealthReading? _reading;
    private bool _denied;
    private bool _administers;

    [Inject]
    public required ConsoleHealth Health { get; set; }

    [Inject]
    public required CurrentCaller Caller { get; set; }

    /// <summary>Most of it makes no hint: the page's own look, every few seconds, is what keeps it live.</summary>
    protected override LiveTopics Topics => LiveTopics.Every(HintKind.Notice);

    protected override async Task LoadAsync(CancellationToken cancel)
    {
        var caller = await Caller.GetAsync();
        (_denied, _administers) = (!caller.May(Permission.SeeHealth), caller.May(Permission.Administer));
        if (!_denied)
        {
            _reading = await Health.ReadAsync(caller, cancel);
        }
    }
}

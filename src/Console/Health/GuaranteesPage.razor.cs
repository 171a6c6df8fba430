using Handrail.Access;
using Handrail.Grants;
using Handrail.Ingest;
using Handrail.Live;
using Handrail.Shell;
using Handrail.Store;
using Microsoft.AspNetCore.Components;

namespace Handrail.Health;

/// <summary>What the console promises, under which settings, and how each promise is tested.</summary>
public sealed partial class GuaranteesPage
{
    private IReadOnlyList<DurabilitySetting>? _settings;
    private bool _denied;

    [Inject]
    public required DurabilityQueries Durability { get; set; }

    [Inject]
    public required CurrentCaller Caller { get; set; }

    [Inject]
    public required StoreSettings Settings { get; set; }

    [Inject]
    public required IngestSettings Ingest { get; set; }

    [Inject]
    public required GrantSettings Grants { get; set; }

    /// <summary>Nothing of it changes but by a new start, or by somebody at the database: the page's own look sees that.</summary>
    protected override LiveTopics Topics => LiveTopics.Every(HintKind.Notice);

    protected override async Task LoadAsync(CancellationToken cancel)
    {
        var caller = await Caller.GetAsync();
        _denied = !caller.MaySomewhere(Permission.View);
        _settings = _denied ? null : await Durability.ReadAsync(caller, cancel);
    }
}

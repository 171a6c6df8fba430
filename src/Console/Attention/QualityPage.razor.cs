using System.Globalization;
using Handrail.Access;
using Handrail.Live;
using Handrail.Shell;
using Handrail.Shell.Display;
using Microsoft.AspNetCore.Components;

namespace Handrail.Attention;

/// <summary>How closely people look, how far they agree, and what they make of what agents ask.</summary>
public partial class QualityPage
{
    /// <summary>So many approvals in a row are worth a look.</summary>
    private const int LongRun = 50;

    /// <summary>Fewer decisions in under two seconds than these are nobody's habit.</summary>
    private const int ManyHasty = 5;

    private static readonly int[] Periods = [7, 30, 90];

    private AttentionReading? _attention;
    private IReadOnlyList<ShareReading> _shares = [];
    private int? _perDay;
    private int _wanted;
    private string? _read;
    private DateTimeOffset _readAt;

    [Inject]
    public required AttentionQueries Attention { get; set; }

    [Inject]
    public required PlantCases Planted { get; set; }

    [Inject]
    public required CurrentCaller Caller { get; set; }

    [Inject]
    public required Deeds Deeds { get; set; }

    [Inject]
    public required NavigationManager Navigation { get; set; }

    [SupplyParameterFromQuery]
    public string? Days { get; set; }

    protected override LiveTopics Topics => LiveTopics.Every(HintKind.Handoff);

    private int Period => int.TryParse(Days, CultureInfo.InvariantCulture, out var days) && Periods.Contains(days) ? days : 30;

    protected override async Task LoadAsync(CancellationToken cancel)
    {
        // Thousands of decisions are gone through: not with each of them.
        if (_read == Days && _attention is not null && Now - _readAt < OwnLook)
        {
            return;
        }

        var (caller, since) = (await Caller.GetAsync(), Now.AddDays(-Period));
        _attention = await Attention.ReadAsync(caller, since, cancel);
        _shares = await Attention.SharesAsync(caller, null, since, cancel);
        if (_perDay is null && caller.May(Permission.Administer))
        {
            _perDay = _wanted = await Planted.PerDayAsync(caller, cancel);
        }

        (_read, _readAt) = (Days, Now);
    }

    private static string Share(int part, int all) => all == 0 ? "" : $"{Figures.Count(part)} ({Figures.Percent((double)part / all)})";

    private async Task SaveAsync()
    {
        if (await Deeds.TryAsync(_wanted == 0 ? "No cases are planted." : $"About {_wanted} a day are planted.", async () => await Planted.SetAsync(await Caller.GetAsync(), _wanted, CancellationToken.None)))
        {
            _perDay = _wanted;
        }
    }
}

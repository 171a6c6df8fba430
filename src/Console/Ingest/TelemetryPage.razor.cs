using Handrail.Access;
using Handrail.Shell;
using Microsoft.AspNetCore.Components;

namespace Handrail.Ingest;

/// <summary>How the telemetry of each sender is read: from which attributes, and what is missing or not understood.</summary>
public sealed partial class TelemetryPage
{
    private IReadOnlyList<SenderLook>? _senders;

    [Inject]
    public required MappingCoverage Coverage { get; set; }

    [Inject]
    public required CurrentCaller Caller { get; set; }

    [Inject]
    public required NavigationManager Navigation { get; set; }

    /// <summary>Part of a service's or an SDK's name.</summary>
    [SupplyParameterFromQuery(Name = "q")]
    public string? Text { get; set; }

    protected override LiveTopics Topics => LiveTopics.Every();

    private IReadOnlyList<SenderLook> Shown => string.IsNullOrWhiteSpace(Text) ? _senders!
        : [.. _senders!.Where(s => s.Name.Contains(Text, StringComparison.OrdinalIgnoreCase) || s.Sdk.Contains(Text, StringComparison.OrdinalIgnoreCase))];

    protected override async Task LoadAsync(CancellationToken cancel) =>
        _senders = [.. (await Coverage.ListAsync(await Caller.GetAsync(), cancel)).Select(s => new SenderLook(s))
        .OrderBy(s => s.Name, StringComparer.OrdinalIgnoreCase).ThenBy(s => s.Sdk, StringComparer.Ordinal).ThenBy(s => s.Reading.Id, StringComparer.Ordinal)];

    private void Narrow(string? text) => Navigation.NavigateTo(Navigation.GetUriWithQueryParameter("q", string.IsNullOrWhiteSpace(text) ? null : text.Trim()));
}

using System.Globalization;
using Handrail.Handoffs;
using Handrail.Policy;
using Handrail.Shell.Display;
using Microsoft.AspNetCore.Components;

namespace Handrail.Breakers;

/// <summary>A person's decision on a trip, with the new limit that it resumes with.</summary>
public partial class TripForm
{
    private string _text = "";

    [Parameter, EditorRequired]
    public required TripReading Trip { get; set; }

    [Parameter]
    public bool MayDecide { get; set; }

    /// <summary>Why not; null when nothing is in the way.</summary>
    [Parameter]
    public string? Obstacle { get; set; }

    /// <summary>Why the last decision was refused.</summary>
    [Parameter]
    public string? Refused { get; set; }

    [Parameter]
    public bool Busy { get; set; }

    [Parameter]
    public EventCallback Typed { get; set; }

    [Parameter]
    public EventCallback<HandoffDecision> Decide { get; set; }

    private BreakerTrip Row => Trip.Trip;

    private string Unit => Row.Metric switch
    {
        BreakerMetric.CostUsd => "in USD",
        BreakerMetric.AllowedAmount => $"in {Row.Currency}",
        BreakerMetric.ElapsedSeconds or BreakerMetric.SilenceSeconds => "in seconds",
        _ => TripWords.Counted(Row.Metric),
    };

    private string Placeholder => Trip.AsMuchAgain is { } limit ? Number(limit) : Number(Row.Threshold);

    private string Says => Trip.AsMuchAgain is { } limit
        ? $"Left empty: as much again, up to {TripWords.Figure(Row.Metric, limit, Row.Currency)}."
        : $"Left empty: counted anew from now, up to {TripWords.Figure(Row.Metric, Row.Threshold, Row.Currency)}.";

    private decimal? Limit => decimal.TryParse(_text.Trim().Replace(",", "", StringComparison.Ordinal), NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var limit) ? limit : null;

    private string? Wrong => _text.Trim().Length == 0 ? null
        : Limit is not { } limit || limit <= 0 ? "Not a number above 0."
        : Trip.MustExceed && limit <= Row.Figure ? $"Must be above {TripWords.Figure(Row.Metric, Row.Figure, Row.Currency)}, where it stands: it would trip again at once."
        : null;

    private static string Number(decimal figure) => figure.ToString("0.####", CultureInfo.InvariantCulture);

    private Task Set(ChangeEventArgs change)
    {
        _text = change.Value as string ?? "";
        return Typed.InvokeAsync();
    }

    private Task ChooseAsync(TripChoice choice) =>
        Decide.InvokeAsync(new HandoffDecision(DecisionKind.Answer) { Answer = new TripDecision(choice, choice == TripChoice.Resume ? Limit : null).ToJson() });
}

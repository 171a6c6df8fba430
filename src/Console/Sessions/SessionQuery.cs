using System.Globalization;
using Handrail.Store;

namespace Handrail.Sessions;

/// <summary>The Sessions page's view as its address carries it, so that what one sees can be sent to a colleague.</summary>
public static class SessionQuery
{
    /// <summary>The word for every session that is not over.</summary>
    public const string UnderWay = "under_way";

    private static readonly SessionState[] NotOver = [SessionState.Running, SessionState.Waiting, SessionState.Paused, SessionState.TakenOver, SessionState.Stopping];

    /// <summary>How far back a view may look, by the word in its address.</summary>
    public static IReadOnlyDictionary<string, (TimeSpan Back, string Words)> Spans { get; } = new Dictionary<string, (TimeSpan, string)>
    {
        ["1h"] = (TimeSpan.FromHours(1), "Active in the last hour"),
        ["24h"] = (TimeSpan.FromHours(24), "Active in the last 24 hours"),
        ["7d"] = (TimeSpan.FromDays(7), "Active in the last 7 days"),
    };

    /// <summary>Words that mean nothing narrow nothing.</summary>
    public static SessionFilter Read(string? state, string? agent, string? text, string? since, string? minCost, DateTimeOffset now) => new()
    {
        States = state == UnderWay ? NotOver : [.. (state ?? "").Split(',').Where(w => EnumText<SessionState>.TryParse(w, out _)).Select(EnumText<SessionState>.Parse)],
        Agent = string.IsNullOrEmpty(agent) ? null : agent,
        Text = string.IsNullOrWhiteSpace(text) ? null : text,
        Since = since is not null && Spans.TryGetValue(since, out var span) ? now - span.Back : null,
        MinCostUsd = decimal.TryParse(minCost, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var least) && least > 0 ? least : null,
    };

    /// <summary>The newest first unless another order is named: what is there then moves only to make room for what is new.</summary>
    public static SessionSort Order(string? sort) => EnumText<SessionSort>.TryParse(sort, out var by) ? by : SessionSort.StartedAt;
}

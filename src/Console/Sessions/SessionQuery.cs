using System.Globalization;
using Handrail.Store;

namespace Handrail.Sessions;

/// <summary>The Sessions page's view as its address carries it, so that what one sees can be sent to a colleague.</summary>
public static class SessionQuery
{
    /// <summary>The word for every session that is not over.</summary>
    public const string UnderWay = "under_way";

    private static readonly SessionState[] NotOver = [SessionState.Running, SessionState.Waiting, SessionState.Paused, SessionState.TakenOver, SessionState.Stopping];

    /// <summary>What sessions that run can be at, beside their states: the most worrying first.</summary>
    public static IReadOnlyList<SessionActivity> Activities { get; } =
        [SessionActivity.Silent, SessionActivity.InCall, SessionActivity.OnChild, SessionActivity.BetweenTurns, SessionActivity.Working];

    /// <summary>How far back a view may look, by the word in its address.</summary>
    public static IReadOnlyDictionary<string, (TimeSpan Back, string Words)> Spans { get; } = new Dictionary<string, (TimeSpan, string)>
    {
        ["1h"] = (TimeSpan.FromHours(1), "Active in the last hour"),
        ["24h"] = (TimeSpan.FromHours(24), "Active in the last 24 hours"),
        ["7d"] = (TimeSpan.FromDays(7), "Active in the last 7 days"),
    };

    /// <summary>What sessions are marked with, in our words.</summary>
    public static IReadOnlyDictionary<SessionMark, string> Marks { get; } = new Dictionary<SessionMark, string>
    {
        [SessionMark.Disagrees] = "Telemetry and gate disagree",
        [SessionMark.Bypass] = "Possible bypass",
    };

    /// <summary>Words that mean nothing narrow nothing.</summary>
    public static SessionFilter Read(string? state, string? agent, string? text, string? since, string? minCost, string? user, string? mark, DateTimeOffset now) => new()
    {
        Mark = EnumText<SessionMark>.TryParse(mark, out var noticed) ? noticed : null,
        User = string.IsNullOrEmpty(user) ? null : user,
        Activities = [.. Activities.Where(a => a.Text() == state)],
        States = state == UnderWay ? NotOver : [.. (state ?? "").Split(',').Where(w => EnumText<SessionState>.TryParse(w, out _)).Select(EnumText<SessionState>.Parse)],
        Agent = string.IsNullOrEmpty(agent) ? null : agent,
        Text = string.IsNullOrWhiteSpace(text) ? null : text,
        Since = since is not null && Spans.TryGetValue(since, out var span) ? now - span.Back : null,
        MinCostUsd = decimal.TryParse(minCost, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var least) && least > 0 ? least : null,
    };

    /// <summary>The word for the other way round.</summary>
    public const string Ascending = "asc";

    /// <summary>The orders that have a name of their own; every column can be ordered by.</summary>
    public static IReadOnlyList<(SessionOrder Order, string Words)> Orders { get; } =
    [
        (SessionSort.StartedAt, "Newest first"),
        (new(SessionSort.StartedAt, true), "Oldest first"),
        (SessionSort.LastActivityAt, "Latest activity"),
        (new(SessionSort.LastActivityAt, true), "Longest silent"),
        (SessionSort.State, "Most urgent"),
        (SessionSort.CostUsd, "Dearest"),
        (SessionSort.Steps, "Most steps"),
        (SessionSort.Turns, "Most turns"),
        (SessionSort.Tokens, "Most tokens"),
        (SessionSort.ContextTokens, "Fullest context"),
        (new(SessionSort.Title, true), "By name"),
        (new(SessionSort.Agent, true), "By agent"),
        (new(SessionSort.State, true), "Least urgent"),
        (new(SessionSort.CostUsd, true), "Cheapest"),
        (new(SessionSort.Steps, true), "Fewest steps"),
        (new(SessionSort.Turns, true), "Fewest turns"),
        (new(SessionSort.Tokens, true), "Fewest tokens"),
        (new(SessionSort.ContextTokens, true), "Emptiest context"),
        (SessionSort.Title, "By name, from Z"),
        (SessionSort.Agent, "By agent, from Z"),
    ];

    /// <summary>The newest first unless another order is named: what is there then moves only to make room for what is new.</summary>
    public static SessionOrder Order(string? sort, string? order) => new(EnumText<SessionSort>.TryParse(sort, out var by) ? by : SessionSort.StartedAt, order == Ascending);

    /// <summary>The order after a column's head was pressed: first what one looks for in it, then the other way round.</summary>
    public static SessionOrder Next(SessionOrder now, SessionSort by) =>
        new(by, now.By == by ? !now.Ascending : by is SessionSort.Title or SessionSort.Agent);

    /// <summary>The order as the value of a choice.</summary>
    public static string Value(SessionOrder order) => order.By.Text() + (order.Ascending ? " " + Ascending : null);
}

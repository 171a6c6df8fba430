using System.Globalization;
using System.Text;
using Handrail.Store;

namespace Handrail.Notify;

/// <summary>
/// A notice in words. Types and names come from agents and are hostile text: one line, bounded, nothing in it that is not seen. What a
/// channel's own format takes for markup is for its sender to escape.
/// </summary>
public static class Wording
{
    private const int Longest = 120;

    public static string Title(Notice notice, ChannelDetail detail) => detail == ChannelDetail.LinkOnly ? Bare(notice.Kind) : Full(notice);

    /// <summary>What there is to know of it, in our own fields, in the order in which a person asks.</summary>
    public static IEnumerable<(string Label, string Value)> Facts(Notice notice)
    {
        foreach (var (label, value) in new[]
        {
            ("Agent", notice.Agent),
            ("Type", notice.Type),
            ("Amount", Amount(notice)),
            ("Risk", notice.Risk),
            ("Breaker", notice.Kind == NoticeKind.BreakerTripped ? notice.Subject : null),
            ("Figure", notice.Figure),
            ("Role", notice.Role),
            ("Decide by", notice.ExpiresAt is { } at && Notices.WantsAPerson(notice.Kind) ? $"{at.UtcDateTime.ToString("yyyy-MM-dd HH:mm", CultureInfo.InvariantCulture)} UTC" : null),
            ("By", notice.By),
            ("Version", notice.PolicyVersion?.ToString(CultureInfo.InvariantCulture)),
            ("Session", notice.SessionId),
        })
        {
            if (!string.IsNullOrEmpty(value))
            {
                yield return (label, Line(value));
            }
        }
    }

    /// <summary>The event's name for systems, with full stops as Standard Webhooks has them.</summary>
    public static string EventType(Notice notice, DeliveryEvent what) => what switch
    {
        DeliveryEvent.Acknowledge => "alert.acknowledged",
        DeliveryEvent.Resolve => "alert.resolved",
        _ => notice.Kind switch
        {
            NoticeKind.HandoffOpened => "handoff.opened",
            NoticeKind.HandoffEscalated => "handoff.escalated",
            NoticeKind.DeadlineNear => "handoff.deadline_near",
            NoticeKind.HandoffExpired => "handoff.expired",
            NoticeKind.HandoffDecided => "handoff.decided",
            NoticeKind.SampleOpened => "sample.opened",
            NoticeKind.BreakerTripped => "breaker.tripped",
            NoticeKind.NotObeyed => "order.not_obeyed",
            NoticeKind.PolicyPublished => "policy.published",
            NoticeKind.ConsoleUnwell => "console.unwell",
            NoticeKind.BudgetReached => "budget.reached",
            NoticeKind.Test => "test",
            NoticeKind.SwitchedOff or NoticeKind.SwitchedOn => $"fleet.{notice.Kind.Text()}",
            _ => $"{notice.Subject ?? "session"}.{notice.Kind.Text()}",
        },
    };

    public static string? Amount(Notice notice) => notice.Amount is { } amount
        ? $"{amount.ToString("N2", CultureInfo.InvariantCulture)} {Line(notice.Currency ?? "")}".TrimEnd()
        : null;

    /// <summary>One bounded line of what can be seen.</summary>
    public static string Line(string text)
    {
        var line = new StringBuilder(Math.Min(text.Length, Longest));
        foreach (var rune in text.EnumerateRunes())
        {
            if (line.Length >= Longest)
            {
                line.Append('…');
                break;
            }

            line.Append(Rune.GetUnicodeCategory(rune) is UnicodeCategory.Control or UnicodeCategory.Format or UnicodeCategory.Surrogate or UnicodeCategory.PrivateUse
                or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator or UnicodeCategory.OtherNotAssigned
                ? "�" : rune.ToString());
        }

        return line.ToString();
    }

    /// <summary>The kind alone: on a rule's form, and where no more may be said.</summary>
    public static string Bare(NoticeKind kind) => kind switch
    {
        NoticeKind.HandoffOpened => "A decision waits for a person",
        NoticeKind.HandoffEscalated => "A decision was escalated",
        NoticeKind.DeadlineNear => "The time to decide is nearly over",
        NoticeKind.HandoffExpired => "Nobody decided in time",
        NoticeKind.HandoffDecided => "A decision was made",
        NoticeKind.SampleOpened => "A sample waits to be looked at",
        NoticeKind.BreakerTripped => "A breaker tripped",
        NoticeKind.NotObeyed => "An order was not obeyed",
        NoticeKind.Paused => "Paused",
        NoticeKind.Resumed => "Resumed",
        NoticeKind.Stopped => "Stopped",
        NoticeKind.TakenOver => "A session was taken over",
        NoticeKind.HandedBack => "A session was handed back",
        NoticeKind.SwitchedOff => "A tool or type was switched off",
        NoticeKind.SwitchedOn => "A tool or type was switched on",
        NoticeKind.PolicyPublished => "A policy was published",
        NoticeKind.ConsoleUnwell => "The console itself does not do its work",
        NoticeKind.BudgetReached => "A budget is nearly or wholly spent",
        _ => "A test of this channel",
    };

    private static string Full(Notice notice)
    {
        var agent = Line(notice.Agent ?? "the fleet");
        var about = string.Join(", ", new[] { notice.Type is { } type ? Line(type) : null, Amount(notice) }.Where(t => t is not null));
        var what = about.Length > 0 ? $"{agent}: {about}" : agent;
        var whole = notice.Subject switch
        {
            "fleet" => "The fleet",
            "agent" => $"Agent {agent}",
            _ => $"A session of {agent}",
        };
        var by = notice.By is { } name ? $" by {Line(name)}" : "";
        return notice.Kind switch
        {
            NoticeKind.HandoffOpened => $"{what} waits for a person",
            NoticeKind.HandoffEscalated => $"{what} was escalated to {Line(notice.Role ?? "others")}",
            NoticeKind.DeadlineNear => $"{what}: the time to decide is nearly over",
            NoticeKind.HandoffExpired => $"{what}: nobody decided in time",
            NoticeKind.HandoffDecided => $"{what}: {notice.Outcome?.Replace('_', ' ')}{by}",
            NoticeKind.SampleOpened => $"{what}: a sample to look at",
            NoticeKind.BreakerTripped => $"{agent}: breaker {Line(notice.Subject ?? "")} tripped{(notice.Figure is { } figure ? $" at {Line(figure)}" : "")}",
            NoticeKind.NotObeyed => $"{agent} {(notice.Severity == NoticeSeverity.Critical ? "does not obey" : "has not confirmed")}: the order to {Line(notice.Subject ?? "stop")}{by} is not acknowledged{(notice.Figure is { } sent ? $", {Line(sent)}" : "")}",
            NoticeKind.Paused => $"{whole} was paused{by}",
            NoticeKind.Resumed => $"{whole} was resumed{by}",
            NoticeKind.Stopped => $"{whole} was stopped{by}",
            NoticeKind.TakenOver => $"{whole} was taken over{by}",
            NoticeKind.HandedBack => $"{whole} was handed back{by}",
            NoticeKind.SwitchedOff => $"{Line(notice.Subject ?? "")} was switched off{by}",
            NoticeKind.SwitchedOn => $"{Line(notice.Subject ?? "")} was switched on{by}",
            NoticeKind.PolicyPublished => $"Policy of {agent}: version {notice.PolicyVersion} was published{by}",
            NoticeKind.ConsoleUnwell => $"The console: {Line(notice.Subject ?? "")}",
            NoticeKind.BudgetReached => $"The {Line(notice.Subject ?? "budget")} of {agent} is {(notice.Outcome == "spent" ? "spent" : "nearly spent")}: {Line(notice.Figure ?? "")}",
            _ => $"A test of this channel{by}",
        };
    }
}

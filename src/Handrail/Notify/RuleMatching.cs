using System.IO.Enumeration;

namespace Handrail.Notify;

/// <summary>What a rule says of one notice.</summary>
/// <param name="At">When to tell; null to say nothing.</param>
/// <param name="OnlyWhileOpen">Only when nobody has seen to it by then.</param>
public readonly record struct RuleVerdict(DateTimeOffset? At, bool OnlyWhileOpen);

/// <summary>Whether a notice is one that a rule speaks of, and when it is to be told. Reads nothing and knows no clock.</summary>
public static class RuleMatching
{
    public static bool Matches(RuleTerms terms, Notice notice)
    {
        if (notice.Kind == NoticeKind.Test || (terms.Kinds.Count > 0 ? !terms.Kinds.Contains(notice.Kind) : !Notices.WantsAPerson(notice.Kind)))
        {
            // A rule that names no kind speaks of what wants a person.
            return false;
        }

        if (terms.AfterMinutes > 0 && !Notices.WantsAPerson(notice.Kind))
        {
            return false;
        }

        return (terms.Agents.Count == 0 || (notice.Agent is { } agent && terms.Agents.Any(a => FileSystemName.MatchesSimpleExpression(a, agent, ignoreCase: false))))
            && (terms.Roles.Count == 0 || (notice.Role is { } role && terms.Roles.Contains(role, StringComparer.Ordinal)))
            && (terms.MinAmount is not { } least || (notice.Amount >= least && string.Equals(notice.Currency, terms.Currency, StringComparison.OrdinalIgnoreCase)));
    }

    /// <summary>When a notice that matches is to be told.</summary>
    public static RuleVerdict When(RuleTerms terms, Notice notice)
    {
        var due = notice.At + TimeSpan.FromMinutes(terms.AfterMinutes);
        var open = terms.AfterMinutes > 0;
        if (terms.Quiet is { } quiet && QuietTimes.EndAfter(quiet, due) is { } end)
        {
            return quiet.Drop ? new RuleVerdict(null, open) : new RuleVerdict(end, open || Notices.WantsAPerson(notice.Kind));
        }

        return new RuleVerdict(due, open);
    }
}

using System.Text.Json;
using Handrail.Shell.Display;
using Handrail.Store;

namespace Handrail.Handoffs;

/// <summary>What is different about a handoff since a person saw it.</summary>
public static class CardChanges
{
    public static IReadOnlyList<ValueChange> Between(HandoffAnswer seen, HandoffAnswer now)
    {
        var changes = new List<ValueChange>();
        Add("Status", seen.Status.Text().Replace('_', ' '), now.Status.Text().Replace('_', ' '));
        Add("Amount", Figures.Money(seen.Amount, seen.Currency), Figures.Money(now.Amount, now.Currency));
        Add("Approved by", People(seen), People(now));
        Add("Approvals needed", Figures.Count(seen.ApprovalsNeeded), Figures.Count(now.ApprovalsNeeded));
        Add("Only for the role", seen.Role ?? "anybody's", now.Role ?? "anybody's");
        Add("Decide until", Time(seen.ExpiresAt), Time(now.ExpiresAt));
        var (before, after) = (Members(seen.Arguments), Members(now.Arguments));
        foreach (var name in before.Keys.Union(after.Keys))
        {
            Add(name, before.GetValueOrDefault(name, Figures.Unknown), after.GetValueOrDefault(name, Figures.Unknown), outside: true);
        }

        return changes;

        void Add(string name, string was, string becomes, bool outside = false)
        {
            if (!string.Equals(was, becomes, StringComparison.Ordinal))
            {
                changes.Add(new ValueChange(name, was, becomes, outside));
            }
        }
    }

    /// <summary>Who changed it, as far as it says; null when nobody is named.</summary>
    public static string? By(HandoffAnswer seen, HandoffAnswer now) =>
        now.DecidedBy ?? now.Approvals.Where(a => !seen.Approvals.Contains(a)).OrderBy(a => a.At).Select(a => a.By).LastOrDefault();

    private static string People(HandoffAnswer handoff) => handoff.Approvals.Count == 0 ? "nobody" : string.Join(", ", handoff.Approvals.Select(a => a.By));

    private static string Time(DateTimeOffset? at) => at is { } time ? Figures.Exact(time, TimeZoneInfo.Utc) : "no deadline";

    private static Dictionary<string, string> Members(JsonElement? arguments)
    {
        var members = new Dictionary<string, string>(StringComparer.Ordinal);
        if (arguments is { ValueKind: JsonValueKind.Object } known)
        {
            foreach (var member in known.EnumerateObject())
            {
                members[member.Name] = FormField.TextOf(member.Value);
            }
        }

        return members;
    }
}

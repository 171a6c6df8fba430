using Handrail.Policy;
using Handrail.Shell.Display;

namespace Handrail.Policies;

/// <summary>One sentence of a preview, and the actions that it speaks of.</summary>
/// <param name="Text">What would change.</param>
/// <param name="Looser">More would go without a person.</param>
/// <param name="List">The actions.</param>
/// <param name="Against">Those that people had decided otherwise on; null where there are none.</param>
public sealed record PreviewLine(string Text, bool Looser, PreviewList List, PreviewLine? Against = null);

/// <summary>A preview in sentences: what would go, what would no longer go, what else would change.</summary>
public static class PreviewWords
{
    public static IReadOnlyList<PreviewLine> Of(PolicyPreview preview)
    {
        var lines = new List<PreviewLine>();
        var goes = preview.Changes.Where(c => c.To == Verdict.Allow).ToList();
        if (Sum(goes) is > 0 and var more)
        {
            lines.Add(new PreviewLine(
                $"{Figures.Count(more)} more would go{Amounts(goes)}", true, new("Would go", null, Verdict.Allow, null),
                Against(goes.Sum(c => c.Rejected), "people had rejected", new("Would go, and people had rejected it", null, Verdict.Allow, PeopleDecision.Rejected), true)
                ?? Against(goes.Sum(c => c.Edited), "people had changed", new("Would go, and people had changed it", null, Verdict.Allow, PeopleDecision.Edited), true)));
        }

        var held = preview.Changes.Where(c => c.From == Verdict.Allow).ToList();
        if (Sum(held) is > 0 and var fewer)
        {
            lines.Add(new PreviewLine(
                $"{Figures.Count(fewer)} would no longer go by themselves{Amounts(held)}", false, new("Would no longer go", Verdict.Allow, null, null),
                Against(held.Sum(c => c.Approved), "people had approved", new("Would no longer go, and people had approved it", Verdict.Allow, null, PeopleDecision.Approved), false)));
        }

        lines.AddRange(preview.Changes.Where(c => c.From != Verdict.Allow && c.To != Verdict.Allow).OrderByDescending(c => c.Count).Select(c => new PreviewLine(
            $"{Figures.Count(c.Count)} would be {Word(c.To)} instead of {Word(c.From)}{Amounts([c])}", false, new($"{Word(c.To)} instead of {Word(c.From)}", c.From, c.To, null))));
        return lines;
    }

    /// <summary>How far a policy does as people did: <c>98.1 % of 210 (95.2 to 99.3 %)</c>.</summary>
    public static string Agreement(Agreement agreement) => agreement.Decided == 0
        ? "nothing that people decided on either"
        : $"{Figures.Percent((double)agreement.Agreed / agreement.Decided)} of {Figures.Count(agreement.Decided)} ({Interval(agreement.Interval)})";

    public static string Interval(WilsonInterval interval) => $"{Figures.Percent(interval.Low)[..^2]} to {Figures.Percent(interval.High)}";

    /// <summary>What becomes of an action, after "would be".</summary>
    public static string Word(Verdict verdict) => verdict switch
    {
        Verdict.Allow => "let go",
        Verdict.Review => "sent to a person",
        Verdict.Shadow => "recorded and not done",
        Verdict.Deny => "refused",
        _ => "refused with the session stopped",
    };

    private static long Sum(List<VerdictChange> changes) => changes.Sum(c => c.Count);

    private static string Amounts(IReadOnlyList<VerdictChange> changes)
    {
        var sums = changes.SelectMany(c => c.Amounts).GroupBy(m => m.Currency).OrderBy(g => g.Key, StringComparer.Ordinal).Select(g => Figures.Money(g.Sum(m => m.Amount), g.Key)).ToList();
        return sums.Count == 0 ? "" : $", {string.Join(" and ", sums)}";
    }

    private static PreviewLine? Against(long count, string what, PreviewList list, bool looser) => count == 0 ? null : new PreviewLine($"{what} {Figures.Count(count)} of those", looser, list);
}

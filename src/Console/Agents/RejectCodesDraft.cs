namespace Handrail.Agents;

/// <summary>The reasons that reviewers of one agent choose from, while an administrator changes the list.</summary>
public sealed class RejectCodesDraft
{
    public RejectCodesDraft(IEnumerable<RejectCode> codes) => Lines = [.. codes.Select(c => new Line { Code = c.Code, Label = c.Label })];

    public List<Line> Lines { get; }

    /// <summary>What will be the list: a line that says nothing is none.</summary>
    public IReadOnlyList<RejectCode> Codes => [.. Lines.Where(l => !l.Empty).Select(l => new RejectCode(l.Code.Trim(), l.Label.Trim()))];

    public bool Full => Lines.Count >= RejectCode.Most;

    /// <summary>The first thing that keeps the list from being saved, in words; null when it may be.</summary>
    public string? Error
    {
        get
        {
            var codes = Codes;
            return codes.Any(c => c.Code.Length == 0 || c.Label.Length == 0) ? "Every reason needs a code for the agent and words for the reviewer."
                : codes.GroupBy(c => c.Code, StringComparer.Ordinal).FirstOrDefault(g => g.Count() > 1) is { Key: var twice } ? $"The code {twice} is there twice."
                : null;
        }
    }

    public void Add() => Lines.Add(new Line());

    public sealed class Line
    {
        public string Code { get; set; } = "";

        public string Label { get; set; } = "";

        public bool Empty => string.IsNullOrWhiteSpace(Code) && string.IsNullOrWhiteSpace(Label);
    }
}

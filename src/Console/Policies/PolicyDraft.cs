using Handrail.Policy;

namespace Handrail.Policies;

/// <summary>What a person has moved and not yet published: the version it started from, and the moves.</summary>
public sealed class PolicyDraft(LayerState start)
{
    private readonly List<PolicyEdit> _edits = [];

    public LayerState Start { get; private set; } = start;

    public PolicyDocument Document { get; private set; } = start.Rules;

    /// <summary>Why, for the version's history.</summary>
    public string Reason { get; set; } = "";

    /// <summary>The layer as somebody else published it meanwhile.</summary>
    public LayerState? Newer { get; private set; }

    /// <summary>Why publishing was refused.</summary>
    public string? Refused { get; set; }

    /// <summary>What is wrong with the document, by path.</summary>
    public IReadOnlyDictionary<string, string[]> Errors { get; set; } = new Dictionary<string, string[]>();

    public IReadOnlyList<string> Diff => PolicyDiff.Lines(Start.Rules, Document);

    /// <summary>What somebody else changed meanwhile.</summary>
    public IReadOnlyList<string> TheirDiff => Newer is null ? [] : PolicyDiff.Lines(Start.Rules, Newer.Rules);

    public bool Empty => Diff.Count == 0;

    public void Make(PolicyEdit edit)
    {
        _edits.RemoveAll(e => e.Key == edit.Key);
        _edits.Add(edit);
        Redo();
    }

    /// <summary>Notes what is in force now.</summary>
    public void See(LayerState now) => Newer = now.Version == Start.Version ? null : now;

    /// <summary>Makes the same moves again on what is in force now.</summary>
    public void Rebase()
    {
        if (Newer is not null)
        {
            (Start, Newer) = (Newer, null);
            Redo();
        }
    }

    private void Redo()
    {
        Document = _edits.Aggregate(Start.Rules, (document, edit) => edit.Apply(document));
        Refused = null;
        Errors = new Dictionary<string, string[]>();
    }
}

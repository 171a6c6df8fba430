using Handrail.Policy;

namespace Handrail.Policies;

/// <summary>What a person has changed of one layer and not yet published: the version it started from, and what it says now.</summary>
public abstract class LayerDraft(LayerState start)
{
    private (PolicyDocument? From, PolicyDocument? To, IReadOnlyList<string> Lines) _compared;

    public LayerState Start { get; private set; } = start;

    /// <summary>The layer as it would be; null while what was typed is no policy.</summary>
    public abstract PolicyDocument? Document { get; }

    /// <summary>Why, for the version's history.</summary>
    public string Reason { get; set; } = "";

    /// <summary>The layer as somebody else published it meanwhile.</summary>
    public LayerState? Newer { get; private set; }

    /// <summary>Why publishing was refused.</summary>
    public virtual string? Refused { get; private set; }

    /// <summary>What is wrong with the document, by path.</summary>
    public virtual IReadOnlyDictionary<string, string[]> Errors => RefusedFor;

    /// <summary>What the person changed, in words; a page asks for it many times while it is drawn.</summary>
    public IReadOnlyList<string> Diff
    {
        get
        {
            if (Document is not { } document)
            {
                return [];
            }

            if (!ReferenceEquals(_compared.From, Start.Rules) || !ReferenceEquals(_compared.To, document))
            {
                _compared = (Start.Rules, document, PolicyDiff.Lines(Start.Rules, document));
            }

            return _compared.Lines;
        }
    }

    /// <summary>What somebody else changed meanwhile.</summary>
    public IReadOnlyList<string> TheirDiff => Newer is null ? [] : PolicyDiff.Lines(Start.Rules, Newer.Rules);

    /// <summary>Nothing differs from what it started from.</summary>
    public virtual bool Empty => Document is not null && Diff.Count == 0;

    /// <summary>What the console had against it when it was last to be published.</summary>
    protected IReadOnlyDictionary<string, string[]> RefusedFor { get; private set; } = new Dictionary<string, string[]>();

    /// <summary>Notes what is in force now.</summary>
    public void See(LayerState now) => Newer = now.Version == Start.Version ? null : now;

    /// <summary>Makes the same changes again on what is in force now.</summary>
    public void Rebase()
    {
        if (Newer is { } newer)
        {
            var old = Start;
            (Start, Newer) = (newer, null);
            MoveTo(old, newer);
            Forget();
        }
    }

    /// <summary>Notes why it was not published.</summary>
    public virtual void Refuse(Refusal refusal) => (Refused, RefusedFor) = (refusal.Message, refusal.Errors);

    /// <summary>What was refused has changed since.</summary>
    protected void Forget() => (Refused, RefusedFor) = (null, new Dictionary<string, string[]>());

    protected abstract void MoveTo(LayerState old, LayerState newer);
}

using System.Text.Json.Nodes;
using Handrail.Policy;

namespace Handrail.Policies.Editing;

/// <summary>A draft typed into fields: it may be wrong for the time being.</summary>
public sealed class RulesDraft(LayerState start) : LayerDraft(start)
{
    private int _refusedAt;
    private (LayerState Of, JsonObject Tree)? _before;

    public DraftDocument Form { get; private set; } = new(start.Rules);

    public override PolicyDocument? Document => Form.Document;

    public override bool Empty => Form.Document is { } document && (document == Start.Rules || base.Empty);

    public override IReadOnlyDictionary<string, string[]> Errors => Form.Document is null ? Form.Errors : _refusedAt == Form.Revision ? RefusedFor : new Dictionary<string, string[]>();

    public override string? Refused => _refusedAt == Form.Revision ? base.Refused : null;

    public override void Refuse(Refusal refusal)
    {
        base.Refuse(refusal);
        _refusedAt = Form.Revision;
    }

    /// <summary>Puts a document that a person brings in the draft's place.</summary>
    /// <returns>Why it can't be; null when it is done.</returns>
    public string? Import(string json)
    {
        if (DraftDocument.Import(json, out var error) is not { } form)
        {
            return error;
        }

        Form.Replace(form.Root);
        return null;
    }

    /// <summary>Whether an entry says something else than the version that the draft started from, or nothing like it is there; null for one that is as it was.</summary>
    public EntryChange? ChangeOf(string list, JsonObject entry)
    {
        if (_before is not { } known || !ReferenceEquals(known.Of, Start))
        {
            _before = known = (Start, DraftDocument.TreeOf(Start.Rules));
        }

        var before = known.Tree[list] as JsonArray ?? [];
        return before.Any(old => JsonNode.DeepEquals(old, entry)) ? null
            : before.OfType<JsonObject>().Any(old => DocumentMerge.KeyOf(list, old) == DocumentMerge.KeyOf(list, entry)) ? EntryChange.Changed
            : EntryChange.Added;
    }

    protected override void MoveTo(LayerState old, LayerState newer) =>
        Form.Replace(DocumentMerge.Merge(DraftDocument.TreeOf(old.Rules), Form.Root, DraftDocument.TreeOf(newer.Rules)));
}

/// <summary>How an entry of a draft differs from what is in force.</summary>
public enum EntryChange
{
    Added,
    Changed,
}

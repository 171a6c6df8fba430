using Handrail.Policy;

namespace Handrail.Policies;

/// <summary>A draft made of moves of a hand.</summary>
public sealed class PolicyDraft(LayerState start) : LayerDraft(start)
{
    private readonly List<PolicyEdit> _edits = [];
    private PolicyDocument _document = start.Rules;

    public override PolicyDocument Document => _document;

    public void Make(PolicyEdit edit)
    {
        _edits.RemoveAll(e => e.Key == edit.Key);
        _edits.Add(edit);
        Redo();
        Forget();
    }

    protected override void MoveTo(LayerState old, LayerState newer) => Redo();

    private void Redo() => _document = _edits.Aggregate(Start.Rules, (document, edit) => edit.Apply(document));
}

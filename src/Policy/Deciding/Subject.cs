namespace Handrail.Policy;

/// <summary>
/// What one decision is about: the action in comparable form, its session's facts, the moment, and what all layers together know of its tool and of the tools used before.
/// Texts are normalised when first asked for.
/// </summary>
internal sealed class Subject
{
    private readonly IReadOnlyList<PolicyLayer> _layers;
    private string? _vendor, _category, _currency, _tool, _user, _agent, _agentVersion, _reasoning;
    private HashSet<string>? _taint, _toolLabels;

    public Subject(IReadOnlyList<PolicyLayer> layers, ActionRequest action, SessionFacts facts, DateTimeOffset now)
    {
        _layers = layers;
        Action = action;
        Facts = facts;
        Now = now;
        Type = ComparableText.Of(action.Type);
        Risk = EffectiveRisk();
    }

    public ActionRequest Action { get; }

    public SessionFacts Facts { get; }

    public DateTimeOffset Now { get; }

    public string Type { get; }

    public Risk Risk { get; }

    public string? Tool => Action.Tool is { } tool ? _tool ??= ComparableText.Of(tool) : null;

    public string? Vendor => Action.Vendor is { } vendor ? _vendor ??= ComparableText.Of(vendor) : null;

    public string? Category => Action.Category is { } category ? _category ??= ComparableText.Of(category) : null;

    public string? Currency => Action.Currency is { } currency ? _currency ??= ComparableText.Of(currency) : null;

    public string? User => Action.User is { } user ? _user ??= ComparableText.Of(user) : null;

    public string Agent => _agent ??= ComparableText.Of(Action.Agent);

    public string? AgentVersion => Action.AgentVersion is { } version ? _agentVersion ??= ComparableText.Of(version) : null;

    public string? Reasoning => Action.Reasoning is { } reasoning ? _reasoning ??= ComparableText.Of(reasoning) : null;

    /// <summary>Labels of the tools that the session used before, from the entries of all layers.</summary>
    public IReadOnlySet<string> Taint => _taint ??= [.. Facts.ToolsUsed.Select(ComparableText.Of).SelectMany(LabelsOf)];

    /// <summary>Labels of the action's own tool, from the entries of all layers.</summary>
    public IReadOnlySet<string> ToolLabels => _toolLabels ??= Tool is { } tool ? [.. LabelsOf(tool)] : [];

    /// <summary>The same as a layer sees it by itself, without what the other layers know of tools.</summary>
    public Subject AloneWith(PolicyLayer layer) => _layers.Count == 1 ? this : new([layer], Action, Facts, Now);

    private IEnumerable<string> LabelsOf(string tool) =>
        _layers.SelectMany(layer => layer.Policy.Tools.TryGetValue(tool, out var entry) ? entry.Labels : []);

    /// <summary>The greatest of what the agent and the tool's entries say; irreversible where nobody says anything.</summary>
    private Risk EffectiveRisk()
    {
        var risk = Action.Risk;
        if (Tool is { } tool)
        {
            foreach (var layer in _layers)
                if (layer.Policy.Tools.TryGetValue(tool, out var entry) && entry.Risk is { } stated && !(stated <= risk)) risk = stated;
        }

        return risk ?? Risk.Irreversible;
    }
}

using System.Runtime.CompilerServices;

namespace Handrail.Policy;

/// <summary>
/// What a stack of layers lets go, as demands on what is free to choose: all that the gate checks but guarantees, control, breakers and people's data, which only ever hold
/// more back and of which there are none at first. Budgets are taken as unused.
/// </summary>
internal sealed class AllowedActions
{
    private readonly IReadOnlyList<PolicyLayer> _layers;
    private readonly Freedom _freedom;
    private readonly Dictionary<CompiledRule, Formula> _rules = [];
    private readonly Dictionary<LimitTable, Formula> _limits = [];
    private readonly List<Demand> _ofTools;

    public AllowedActions(IReadOnlyList<PolicyLayer> layers, Freedom freedom)
    {
        _layers = layers;
        _freedom = freedom;
        foreach (var limit in layers.SelectMany(layer => layer.Policy.Types.All).SelectMany(ruling => ruling.Limits.Ranked).Distinct()) freedom.TellApart(limit);
        foreach (var layer in layers)
            foreach (var rule in layer.Policy.Rules) _rules[rule] = Describing(rule.When, layer);
        _ofTools = [.. ToolsEnabled(), .. layers.SelectMany(layer => layer.Policy.Taint).Select(Untainted)];
    }

    /// <summary>The formula of a condition as a layer asks it: by the tool entries of all layers and by its own, whichever comes out truer.</summary>
    public Formula Describing(CompiledCondition condition, PolicyLayer layer)
    {
        var joint = Translate(condition, layer, alone: null);
        return condition.ReadsToolEntries && _layers.Count > 1 ? Junction.Any([joint, Translate(condition, layer, layer)]) : joint;
    }

    /// <summary>Types that stand for all.</summary>
    /// <param name="guarantee">What else tells types apart.</param>
    public IReadOnlyList<string> Types(Formula guarantee)
    {
        var type = _freedom[FieldId.Type];
        var named = _layers.SelectMany(layer => layer.Policy.Types.Named).ToList();
        var byRulings = new PlainAtom(type, _ => true)
        {
            ComparedTexts = [.. named.Where(pattern => !pattern.IsPrefix).Select(pattern => pattern.Text)],
            ComparedPatterns = [.. named.Where(pattern => pattern.IsPrefix).Select(pattern => TextPattern.Beginning(pattern.Text))],
        };
        List<Atom> atoms = [byRulings, new RulingAtom(type, _layers)];
        atoms.AddRange(_rules.Values.Append(guarantee).SelectMany(formula => formula.Atoms).Where(atom => atom.Variables.Contains(type)));
        return [.. type.Values(atoms).Cast<string>()];
    }

    /// <summary>What must hold for an action of a type to go; null when none ever does.</summary>
    public IReadOnlyList<Demand>? For(string type)
    {
        List<Demand> demands = [.. _ofTools];
        foreach (var layer in _layers)
        {
            var ruling = layer.Policy.Types[type];
            if (ruling.Autonomy < Autonomy.Bounded || (ruling.Autonomy == Autonomy.Bounded && ruling.Limits.Ranked.Length == 0)) return null;
            demands.Add(new(Inside(ruling), Outcomes.True));
            demands.AddRange(ruling.Rules.Select(rule => new Demand(_rules[rule], Outcomes.False)));
        }

        return demands;
    }

    private Formula Inside(TypeRuling ruling)
    {
        if (_limits.TryGetValue(ruling.Limits, out var known)) return known;
        var cases = ruling.Limits.Ranked.Select(limit => (Covers(limit), Inside(limit, limit.Limit, limit.Currency))).ToArray();
        return _limits[ruling.Limits] = new FirstCase(cases, ruling.Autonomy == Autonomy.Autonomous ? Outcomes.True : Outcomes.False);
    }

    private Formula Covers(CompiledLimit limit)
    {
        List<Formula> keys = [];
        if (limit.Vendor is { } vendor) keys.Add(Is(FieldId.Vendor, vendor));
        if (limit.Category is { } category) keys.Add(Is(FieldId.Category, category));
        return Junction.All(keys);
    }

    private Formula Inside(CompiledLimit compiled, Limit limit, string? currency)
    {
        List<Formula> bounds = [];
        if (limit.Until is not null) bounds.Add(new PlainAtom(_freedom[FieldId.Hour], value => value is DateTimeOffset moment && compiled.HoldsAt(moment)));
        if (currency is not null) bounds.Add(Is(FieldId.Currency, currency));
        foreach (var most in (decimal?[])[limit.MaxAmount, limit.MaxTotal])
            if (most is { } bound) bounds.Add(new PlainAtom(_freedom[FieldId.Amount], value => value is decimal amount && amount >= 0 && amount <= bound) { ComparedNumbers = [0, bound] });
        if (limit.MinConfidence is { } least) bounds.Add(new PlainAtom(_freedom[FieldId.Confidence], value => value is decimal stated && stated >= least) { ComparedNumbers = [least] });
        return Junction.All(bounds);
    }

    private PlainAtom Is(FieldId field, string text) =>
        new(_freedom[field], value => value as string == text) { ComparedTexts = [text] };

    private IEnumerable<Demand> ToolsEnabled()
    {
        var disabled = _layers.SelectMany(layer => layer.Policy.ToolsByName).Where(tool => !tool.Value.Entry.Enabled).Select(tool => tool.Key).ToHashSet(StringComparer.Ordinal);
        if (disabled.Count == 0) return [];
        return [new(new PlainAtom(_freedom[FieldId.Tool], value => value is not string tool || !disabled.Contains(tool)) { ComparedTexts = [.. disabled] }, Outcomes.True)];
    }

    /// <summary>A taint row lets go what it isn't met for, and otherwise only what names a tool without a blocked label.</summary>
    private Demand Untainted(CompiledTaint row)
    {
        var blocked = _layers.SelectMany(layer => layer.Policy.ToolsByName).Where(tool => tool.Value.Labels.Intersect(row.Block).Any()).Select(tool => tool.Key).ToHashSet(StringComparer.Ordinal);
        var free = new PlainAtom(_freedom[FieldId.Tool], value => value is string tool && !blocked.Contains(tool)) { ComparedTexts = [.. blocked] };
        var met = Junction.All(row.When.Select(label => new TaintAtom(Sources(label, alone: null), Truths.Known)));
        return new(Junction.Any([new Negation(met), free]), Outcomes.True);
    }

    private Formula Translate(CompiledCondition condition, PolicyLayer layer, PolicyLayer? alone) => condition switch
    {
        CompiledAll all => Junction.All(all.Parts.Select(part => Translate(part, layer, alone))),
        CompiledAny any => Junction.Any(any.Parts.Select(part => Translate(part, layer, alone))),
        CompiledNot not => new Negation(Translate(not.Part, layer, alone)),
        CompiledComparison { Field.Id: FieldId.Taint } comparison =>
            new TaintAtom(Sources(comparison.Values is [{ Kind: MemberKind.Text } label] ? label.Text : null, alone), comparison.HoldsOfTaint),
        CompiledComparison { Field.Id: FieldId.Risk } comparison => new RiskAtom(_freedom[FieldId.Risk], _freedom[FieldId.Tool], Floors(alone), comparison),
        CompiledComparison comparison => new ComparisonAtom(_freedom.Of(comparison.Field, layer.Policy.Zone), comparison),
        _ => throw new ArgumentException($"{condition.GetType().Name} is no condition known here.", nameof(condition)),
    };

    /// <summary>Every tool that brings a label into a session, or any label where that is null.</summary>
    private List<Variable> Sources(string? label, PolicyLayer? alone) =>
    [
        .. Entries(alone).GroupBy(tool => tool.Key).Where(tool => tool.Any(entry => label is null ? entry.Value.Labels.Length > 0 : entry.Value.Labels.Contains(label)))
            .Select(tool => _freedom.Used(tool.Key)),
    ];

    /// <summary>The least risk of every tool of which an entry says one.</summary>
    private Dictionary<string, Risk> Floors(PolicyLayer? alone) =>
        Entries(alone).Where(tool => tool.Value.Risk is not null).GroupBy(tool => tool.Key).ToDictionary(tool => tool.Key, tool => tool.Max(entry => entry.Value.Risk!.Value), StringComparer.Ordinal);

    private IEnumerable<KeyValuePair<string, CompiledTool>> Entries(PolicyLayer? alone) =>
        _layers.Where(layer => alone is null || layer == alone).SelectMany(layer => layer.Policy.ToolsByName);

    /// <summary>Tells types apart by what rules them in any layer.</summary>
    private sealed class RulingAtom(Variable type, IReadOnlyList<PolicyLayer> layers) : Atom
    {
        private readonly Dictionary<string, int> _numbers = new(StringComparer.Ordinal);

        public override IReadOnlyList<Variable> Variables { get; } = [type];

        public override Outcomes Possible => Outcomes.Any;

        public override int Signature(Variable variable, object? value)
        {
            var rulings = string.Join(',', layers.Select(layer => RuntimeHelpers.GetHashCode(layer.Policy.Types[(string)value!])));
            if (!_numbers.TryGetValue(rulings, out var number)) _numbers[rulings] = number = _numbers.Count;
            return number;
        }
    }
}

/// <summary>A formula and what it must come to.</summary>
internal readonly record struct Demand(Formula Formula, Outcomes Allowed)
{
    public bool IsMet => (Formula.Possible & ~Allowed) == 0;

    public bool IsLost => (Formula.Possible & Allowed) == 0;
}

namespace Handrail.Policy;

/// <summary>A comparison that the search settles by giving its variables values.</summary>
internal abstract class Atom : Formula
{
    public override IEnumerable<Atom> Atoms => [this];

    /// <summary>What it compares.</summary>
    public abstract IReadOnlyList<Variable> Variables { get; }

    /// <summary>Which outcomes it must have, as far as that is known where the search stands.</summary>
    public Outcomes Demanded { get; set; } = Outcomes.Any;

    /// <summary>Equal for two values of a variable which it can't tell apart.</summary>
    public abstract int Signature(Variable variable, object? value);

    /// <summary>Whether a value of a variable contradicts what is demanded.</summary>
    public virtual bool Contradicts(Variable variable, object? value) => false;

    /// <summary>The texts with which it compares a variable as a whole.</summary>
    public virtual IEnumerable<string> Texts(Variable variable) => [];

    /// <summary>The patterns that it looks for in a variable's text.</summary>
    public virtual IEnumerable<TextPattern> Patterns(Variable variable) => [];

    /// <summary>The numbers with which it compares a variable.</summary>
    public virtual IEnumerable<decimal> Numbers(Variable variable) => [];

    /// <summary>The values that it looks for in a variable's list.</summary>
    public virtual IEnumerable<Constant> Elements(Variable variable) => [];

    public override void Narrow(Outcomes allowed) => Demanded &= allowed;
}

/// <summary>A comparison of a single variable.</summary>
internal abstract class SingleAtom(Variable variable) : Atom
{
    private Outcomes? _open;

    public override IReadOnlyList<Variable> Variables { get; } = [variable];

    public override Outcomes Possible => variable.IsSettled ? OutcomeSets.Of(Holds(variable.Value)) : _open ??= Open();

    public abstract Truth Holds(object? value);

    protected virtual bool LooksForPatterns => false;

    public override int Signature(Variable variable, object? value) => (int)Holds(value);

    public override bool Contradicts(Variable variable, object? value) => !Demanded.Has(Holds(value));

    /// <summary>Every outcome that some value has. Where texts have forms, finding a text of each would take a search; both outcomes are then taken to be possible.</summary>
    private Outcomes Open()
    {
        if (LooksForPatterns) return Outcomes.True | Outcomes.False | (variable.MayBe(null) ? OutcomeSets.Of(Holds(null)) : Outcomes.None) | (variable.IsArgument ? Outcomes.Unknown : Outcomes.None);
        var result = Outcomes.None;
        foreach (var value in variable.Values([this])) result |= OutcomeSets.Of(Holds(value));
        return result;
    }
}

/// <summary>A comparison that a policy's author wrote.</summary>
internal sealed class ComparisonAtom(Variable variable, CompiledComparison comparison) : SingleAtom(variable)
{
    public override Truth Holds(object? value) => value is DateTimeOffset moment
        ? comparison.Holds(comparison.Field.At(moment), default)
        : comparison.Holds(Variable.Member(value), default);

    public override IEnumerable<string> Texts(Variable variable) => comparison.Operator switch
    {
        Operator.Contains => [],
        Operator.Glob when LooksForPatterns => [],
        _ => comparison.Values.Where(value => value.Kind == MemberKind.Text).Select(value => value.Text),
    };

    public override IEnumerable<TextPattern> Patterns(Variable variable) => comparison.Operator switch
    {
        Operator.Contains when LooksForPatterns => [TextPattern.Containing(comparison.Values[0].Text, IsForbidden)],
        Operator.Glob when LooksForPatterns => [TextPattern.Glob(comparison.Values[0].Text, IsForbidden)],
        _ => [],
    };

    public override IEnumerable<decimal> Numbers(Variable variable) => comparison.Values.Where(value => value.Kind == MemberKind.Number).Select(value => value.Number);

    public override IEnumerable<Constant> Elements(Variable variable) => comparison.Operator == Operator.Contains ? comparison.Values : [];

    protected override bool LooksForPatterns => comparison.Operator switch
    {
        Operator.Contains => comparison.Values[0].Kind == MemberKind.Text,
        Operator.Glob => !TextPattern.IsLiteral(comparison.Values[0].Text),
        _ => false,
    };

    private bool IsForbidden => !Demanded.Has(Truth.True);
}

/// <summary>A comparison that a limit, a level or a tool's entry makes by its nature; never unknown.</summary>
internal sealed class PlainAtom(Variable variable, Func<object?, bool> holds) : SingleAtom(variable)
{
    /// <summary>The texts that it tells apart.</summary>
    public IReadOnlyList<string> ComparedTexts { get; init; } = [];

    /// <summary>The forms of text that it tells apart.</summary>
    public IReadOnlyList<TextPattern> ComparedPatterns { get; init; } = [];

    /// <summary>The numbers that it tells apart.</summary>
    public IReadOnlyList<decimal> ComparedNumbers { get; init; } = [];

    public override Truth Holds(object? value) => Truths.Known(holds(value));

    public override IEnumerable<string> Texts(Variable variable) => ComparedTexts;

    public override IEnumerable<TextPattern> Patterns(Variable variable) => ComparedPatterns;

    public override IEnumerable<decimal> Numbers(Variable variable) => ComparedNumbers;
}

/// <summary>A comparison of the risk, which the agent states and the tool's entries raise.</summary>
internal sealed class RiskAtom(Variable stated, Variable tool, IReadOnlyDictionary<string, Risk> floors, CompiledComparison comparison) : Atom
{
    public override IReadOnlyList<Variable> Variables { get; } = [stated, tool];

    public override Outcomes Possible
    {
        get
        {
            if (stated.IsSettled && tool.IsSettled) return OutcomeSets.Of(Holds(Raised(stated.Value as Risk?, Floor(tool.Value))));
            var result = Outcomes.None;
            foreach (var risk in Enum.GetValues<Risk>()) result |= OutcomeSets.Of(Holds(risk));
            return result;
        }
    }

    public override int Signature(Variable variable, object? value) => variable == stated ? (int?)(value as Risk?) ?? -1 : (int?)Floor(value) ?? -1;

    public override IEnumerable<string> Texts(Variable variable) => variable == tool ? floors.Keys : [];

    private Truth Holds(Risk risk) => comparison.Holds(Member.OfText(risk.Word()), default);

    private Risk? Floor(object? tool) => tool is string name && floors.TryGetValue(name, out var floor) ? floor : null;

    private static Risk Raised(Risk? stated, Risk? floor) => (stated, floor) switch
    {
        (null, null) => Risk.Irreversible,
        ({ } one, null) => one,
        (null, { } other) => other,
        ({ } one, { } other) => one > other ? one : other,
    };
}

/// <summary>A comparison of the session's taint, which follows from the tools that it used.</summary>
/// <param name="sources">The tools that bring what is asked for: whether each was used.</param>
/// <param name="holds">The outcome by whether one of them did.</param>
internal sealed class TaintAtom(IReadOnlyList<Variable> sources, Func<bool, Truth> holds) : Atom
{
    public override IReadOnlyList<Variable> Variables => sources;

    public override Outcomes Possible
    {
        get
        {
            if (sources.Any(used => used is { IsSettled: true, Value: true })) return OutcomeSets.Of(holds(true));
            return sources.All(used => used.IsSettled) ? OutcomeSets.Of(holds(false)) : OutcomeSets.Of(holds(true)) | OutcomeSets.Of(holds(false));
        }
    }

    public override int Signature(Variable variable, object? value) => value is true ? 1 : 0;
}

/// <summary>What JSON itself demands: where an argument has a member, it is an object.</summary>
internal sealed class NestingAtom(Variable outer, Variable inner) : Atom
{
    public override IReadOnlyList<Variable> Variables { get; } = [outer, inner];

    public override Outcomes Possible
    {
        get
        {
            if (outer.IsSettled && Variable.IsObject(outer.Value)) return Outcomes.True;
            if (inner.IsSettled && inner.Value is null) return Outcomes.True;
            return outer.IsSettled && inner.IsSettled ? Outcomes.False : Outcomes.True | Outcomes.False;
        }
    }

    public override int Signature(Variable variable, object? value) => variable == outer ? (Variable.IsObject(value) ? 1 : 0) : (value is null ? 1 : 0);
}

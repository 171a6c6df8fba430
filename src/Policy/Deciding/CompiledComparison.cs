using System.Collections.Frozen;

namespace Handrail.Policy;

/// <summary>One comparison made ready.</summary>
internal sealed class CompiledComparison : CompiledCondition
{
    private readonly bool _ignoreMissing;

    /// <summary>The values, where all are texts and many: long lists of vendors are looked up, not walked.</summary>
    private readonly FrozenSet<string>.AlternateLookup<ReadOnlySpan<char>>? _texts;

    private readonly string _missing;
    private readonly string _incomparable;

    public CompiledComparison(Comparison comparison, TimeZoneInfo zone)
    {
        Operator = comparison.Operator;
        Field = new(comparison.Field, zone, asNumber: Operator is Operator.Gt or Operator.Gte or Operator.Lt or Operator.Lte);
        Values = [.. comparison.Values.Select(value => new Constant(value))];
        _ignoreMissing = comparison.IgnoreMissing;
        if (Values.Length > 1 && Operator is Operator.In or Operator.NotIn && Values.All(value => value.Kind == MemberKind.Text))
            _texts = Values.Select(value => value.Text).ToFrozenSet(StringComparer.Ordinal).GetAlternateLookup<ReadOnlySpan<char>>();
        _missing = $"{comparison.Field} is missing";
        _incomparable = $"{comparison.Field} can't be compared so";
    }

    public Field Field { get; }

    public Operator Operator { get; }

    public Constant[] Values { get; }

    public override bool ReadsToolEntries => Field.Id is FieldId.Risk or FieldId.Taint;

    public override Truth Holds(scoped ref Subject subject, PolicyLayer? alone)
    {
        if (Field.Id == FieldId.Taint) return HoldsOfTaint(subject.HasTaint(Values is [{ Kind: MemberKind.Text } label] ? label.Text : null, alone));
        var member = Field.Read(ref subject, alone);
        return Holds(member, subject.Scratch);
    }

    public override void Obstacles(scoped ref Subject subject, PolicyLayer? alone, List<string> found)
    {
        if (Holds(ref subject, alone) != Truth.Unknown) return;
        var obstacle = Field.Id != FieldId.Taint && Field.Read(ref subject, alone).IsMissing ? _missing : _incomparable;
        if (!found.Contains(obstacle)) found.Add(obstacle);
    }

    /// <summary>The outcome for what the field holds.</summary>
    public Truth Holds(scoped in Member member, scoped Scratch scratch)
    {
        if (Operator == Operator.Exists) return Truths.Known(member.IsMissing != (Values[0].Number == 1));
        if (member.IsMissing) return _ignoreMissing ? Truth.False : Truth.Unknown;
        return Operator switch
        {
            Operator.Eq => member.EqualTo(Values[0]),
            Operator.Ne => member.EqualTo(Values[0]).Negated(),
            Operator.In => EqualToOne(member),
            Operator.NotIn => EqualToOne(member).Negated(),
            Operator.Contains => Contains(member, scratch),
            Operator.Glob => member.Kind == MemberKind.Text ? Truths.Known(Glob.Matches(Values[0].Text, member.Text)) : Truth.Unknown,
            _ => member.Kind == MemberKind.Number ? Truths.Known(IsOrdered(member.Number, Values[0].Number)) : Truth.Unknown,
        };
    }

    /// <summary>
    /// The outcome for the session's taint, a list of texts that is never missing: nothing can be said of it as a whole but that it is there, and what it contains.
    /// </summary>
    /// <param name="met">Whether the label asked for is among it; of no label in particular, whether there is any.</param>
    public Truth HoldsOfTaint(bool met) => Operator switch
    {
        Operator.Exists => Truths.Known(Values[0].Number == 1),
        Operator.Contains when Values[0].Kind == MemberKind.Text => Truths.Known(met),
        Operator.Contains => met ? Truth.Unknown : Truth.False,
        Operator.In => Values.Length == 0 ? Truth.False : Truth.Unknown,
        Operator.NotIn => Values.Length == 0 ? Truth.True : Truth.Unknown,
        _ => Truth.Unknown,
    };

    private bool IsOrdered(decimal number, decimal bound) => Operator switch
    {
        Operator.Gt => number > bound,
        Operator.Gte => number >= bound,
        Operator.Lt => number < bound,
        _ => number <= bound,
    };

    /// <summary>Whether the member equals one of the values: unknown only if it equals none and can't be compared with one.</summary>
    private Truth EqualToOne(scoped in Member member)
    {
        if (_texts is { } texts && member.Kind == MemberKind.Text) return Truths.Known(texts.Contains(member.Text));
        var result = Truth.False;
        foreach (ref readonly var value in Values.AsSpan())
        {
            var truth = member.EqualTo(value);
            if (truth > result) result = truth;
        }

        return result;
    }

    private Truth Contains(scoped in Member member, scoped Scratch scratch)
    {
        if (member.Kind == MemberKind.Text) return Values[0].Kind == MemberKind.Text ? Truths.Known(member.Text.IndexOf(Values[0].Text) >= 0) : Truth.Unknown;
        if (member.Kind != MemberKind.List) return Truth.Unknown;
        var result = Truth.False;
        foreach (var item in member.Items.EnumerateArray())
        {
            var truth = Member.Of(item, scratch).EqualTo(Values[0]);
            if (truth > result) result = truth;
        }

        return result;
    }
}

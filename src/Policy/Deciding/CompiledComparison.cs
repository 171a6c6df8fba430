using System.Collections.Frozen;

namespace Handrail.Policy;

/// <summary>One comparison made ready.</summary>
internal sealed class CompiledComparison : CompiledCondition
{
    private readonly string _field;
    private readonly Operator _operator;
    private readonly bool _ignoreMissing;
    private readonly Func<Subject, Member> _read;
    private readonly Member[] _values;

    /// <summary>The values, where all are texts: long lists of vendors are looked up, not walked.</summary>
    private readonly FrozenSet<string>? _texts;

    public CompiledComparison(Comparison comparison, TimeZoneInfo zone)
    {
        _field = comparison.Field;
        _operator = comparison.Operator;
        _ignoreMissing = comparison.IgnoreMissing;
        _read = Fields.Reader(comparison.Field, zone, asNumber: _operator is Operator.Gt or Operator.Gte or Operator.Lt or Operator.Lte);
        _values = [.. comparison.Values.Select(Member.Of)];
        if (_operator is Operator.In or Operator.NotIn && _values.All(value => value.Kind == MemberKind.Text))
            _texts = _values.Select(value => value.Text!).ToFrozenSet(StringComparer.Ordinal);
    }

    public override bool ReadsToolEntries => _field is Fields.Risk or Fields.Taint;

    public override Truth Holds(Subject subject) => Holds(_read(subject));

    public override IEnumerable<string> Obstacles(Subject subject)
    {
        var member = _read(subject);
        if (Holds(member) == Truth.Unknown) yield return member.IsMissing ? $"{_field} is missing" : $"{_field} can't be compared so";
    }

    private Truth Holds(Member member)
    {
        if (_operator == Operator.Exists) return Truths.Known(member.IsMissing != (_values[0].Number == 1));
        if (member.IsMissing) return _ignoreMissing ? Truth.False : Truth.Unknown;
        return _operator switch
        {
            Operator.Eq => member.EqualTo(_values[0]),
            Operator.Ne => member.EqualTo(_values[0]).Negated(),
            Operator.In => EqualToOne(member),
            Operator.NotIn => EqualToOne(member).Negated(),
            Operator.Contains => Contains(member),
            _ when _operator == Operator.Glob => member.Kind == MemberKind.Text ? Truths.Known(Glob.Matches(_values[0].Text!, member.Text!)) : Truth.Unknown,
            _ => member.Kind == MemberKind.Number ? Truths.Known(IsOrdered(member.Number, _values[0].Number)) : Truth.Unknown,
        };
    }

    private bool IsOrdered(decimal number, decimal bound) => _operator switch
    {
        Operator.Gt => number > bound,
        Operator.Gte => number >= bound,
        Operator.Lt => number < bound,
        _ => number <= bound,
    };

    private Truth EqualToOne(Member member)
    {
        if (_texts is not null && member.Kind == MemberKind.Text) return Truths.Known(_texts.Contains(member.Text!));
        return Greatest(_values, member);
    }

    private Truth Contains(Member member) => member.Kind switch
    {
        MemberKind.Text when _values[0].Kind == MemberKind.Text => Truths.Known(member.Text!.Contains(_values[0].Text!, StringComparison.Ordinal)),
        MemberKind.List => Greatest(member.Items!, _values[0]),
        _ => Truth.Unknown,
    };

    /// <summary>Whether one of several equals a value: unknown only if none does and one can't be compared.</summary>
    private static Truth Greatest(IReadOnlyList<Member> items, Member value)
    {
        var result = Truth.False;
        foreach (var item in items)
        {
            var truth = item.EqualTo(value);
            if (truth > result) result = truth;
        }

        return result;
    }
}

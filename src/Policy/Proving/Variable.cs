using System.Text.Json;

namespace Handrail.Policy;

/// <summary>One thing that is free to choose about an action, its session or the moment. Null is a member that is missing.</summary>
/// <param name="name">As conditions name it.</param>
/// <param name="standsFor">
/// Values that stand for all: for any value there is one among them that none of the given atoms can tell from it. The most natural come first, a lack last.
/// </param>
/// <param name="mayBeMissing">Whether it can be missing.</param>
internal sealed class Variable(string name, Func<IReadOnlyList<Atom>, Variable, IEnumerable<object?>> standsFor, bool mayBeMissing)
{
    public string Name => name;

    /// <summary>An argument, which may hold anything that JSON can say.</summary>
    public bool IsArgument { get; init; }

    /// <summary>Whether the search has chosen a value.</summary>
    public bool IsSettled { get; private set; }

    /// <summary>What the search has chosen; null also where it has chosen nothing yet.</summary>
    public object? Value { get; private set; }

    public void Settle(object? value) => (Value, IsSettled) = (value, true);

    public void Open() => (Value, IsSettled) = (null, false);

    public bool MayBe(object? value) => value is not null || mayBeMissing;

    /// <summary>Values that stand for all as far as these atoms can tell, without such as they can't tell apart.</summary>
    public IEnumerable<object?> Values(IReadOnlyList<Atom> atoms)
    {
        var seen = new HashSet<string>(StringComparer.Ordinal);
        foreach (var value in standsFor(atoms, this))
            if (seen.Add(string.Concat(atoms.Select(atom => (char)(atom.Signature(this, value) + 'b'))))) yield return value;
    }

    /// <summary>The value when nothing depends on it: missing, or the first that there is.</summary>
    public object? Settled => IsSettled ? Value : mayBeMissing ? null : Values([]).First();

    /// <summary>A value as the gate would find it.</summary>
    public static Member Member(object? value) => value switch
    {
        null => default,
        string text => Policy.Member.OfText(text),
        decimal number => Policy.Member.OfNumber(number),
        JsonElement json => Policy.Member.Of(json, default),
        _ => throw new ArgumentException($"{value.GetType().Name} is no value of a member.", nameof(value)),
    };

    public static bool IsObject(object? value) => value is JsonElement { ValueKind: JsonValueKind.Object };
}

using System.Globalization;
using System.Text.Json;

namespace Handrail.Policy;

/// <summary>For every kind of variable, the values that stand for all others.</summary>
internal static class Values
{
    /// <summary>Lists are told apart by what they contain, of which every combination is tried; this many values are enough combinations.</summary>
    private const int MostElements = 6;

    /// <summary>A text of the action. Look-alikes never go, so that names which would mix scripts need not be tried.</summary>
    public static Variable Text(string name, bool mayBeMissing, bool ofOneScript = false) =>
        new(name, (atoms, variable) => [.. Texts(atoms, variable, ofOneScript), .. Missing(mayBeMissing)], mayBeMissing);

    /// <summary>A text that is known.</summary>
    public static Variable Fixed(string name, string text) => new(name, (_, _) => [text], mayBeMissing: false);

    /// <summary>Any number, or none.</summary>
    public static Variable Number(string name) =>
        new(name, (atoms, variable) => [.. Numbers(NumbersOf(atoms, variable)).Cast<object?>(), null], mayBeMissing: true);

    /// <summary>A whole number from zero on.</summary>
    public static Variable Count(string name, decimal most, bool mayBeMissing) => new(
        name,
        (atoms, variable) => [.. Counts(NumbersOf(atoms, variable), most).Cast<object?>(), .. Missing(mayBeMissing)],
        mayBeMissing);

    /// <summary>The risk that the agent states.</summary>
    public static Variable StatedRisk() => new("risk", (_, _) => [.. Enum.GetValues<Risk>().Cast<object?>(), null], mayBeMissing: true);

    /// <summary>Yes or no.</summary>
    public static Variable Flag(string name) => new(name, (_, _) => [false, true], mayBeMissing: false);

    /// <summary>One of several moments.</summary>
    public static Variable Moment(Lazy<IReadOnlyList<DateTimeOffset>> moments) => new("time", (_, _) => moments.Value.Cast<object?>(), mayBeMissing: false);

    /// <summary>One of the arguments: anything that JSON can say.</summary>
    public static Variable Argument(string name) => new(name, Arguments, mayBeMissing: true) { IsArgument = true };

    private static IEnumerable<object?> Arguments(IReadOnlyList<Atom> atoms, Variable variable) =>
    [
        .. Texts(atoms, variable, ofOneScript: false).Select(text => (object?)Json(text)),
        .. Numbers(NumbersOf(atoms, variable)).Select(number => (object?)JsonElement.Parse(number.ToString(CultureInfo.InvariantCulture))),
        JsonElement.Parse("true"),
        JsonElement.Parse("false"),
        .. Lists([.. atoms.SelectMany(atom => atom.Elements(variable)).DistinctBy(element => (element.Kind, element.Text, element.Number))], variable),
        JsonElement.Parse("{}"),
        null,
    ];

    private static IEnumerable<string> Texts(IReadOnlyList<Atom> atoms, Variable variable, bool ofOneScript)
    {
        var whole = atoms.SelectMany(atom => atom.Texts(variable)).Distinct(StringComparer.Ordinal).ToList();
        var patterns = atoms.SelectMany(atom => atom.Patterns(variable)).DistinctBy(pattern => (pattern.Key, pattern.IsForbidden)).ToList();
        return TextCells.Of(variable.Name, whole, patterns, ofOneScript);
    }

    private static IEnumerable<decimal> NumbersOf(IReadOnlyList<Atom> atoms, Variable variable) => atoms.SelectMany(atom => atom.Numbers(variable));

    /// <summary>Each number that something is compared with, one between every two neighbours, and one beyond either end; from zero up first.</summary>
    private static IEnumerable<decimal> Numbers(IEnumerable<decimal> compared)
    {
        var bounds = compared.Append(0).Distinct().Order().ToList();
        List<decimal> all = [.. bounds];
        for (var i = 1; i < bounds.Count; i++)
        {
            var between = (bounds[i - 1] / 2) + (bounds[i] / 2);
            if (between > bounds[i - 1] && between < bounds[i]) all.Add(between);
        }

        if (bounds[0] > decimal.MinValue + 1) all.Add(bounds[0] - 1);
        if (bounds[^1] < decimal.MaxValue - 1) all.Add(bounds[^1] + 1);
        return all.OrderBy(number => number < 0).ThenBy(number => number);
    }

    /// <summary>Each whole number beside which something changes.</summary>
    private static IEnumerable<decimal> Counts(IEnumerable<decimal> compared, decimal most) =>
        compared.Where(number => number >= -1 && number <= most).Select(decimal.Floor)
            .SelectMany(number => (decimal[])[number - 1, number, number + 1]).Append(0).Append(1)
            .Where(number => number >= 0 && number <= most).Distinct().Order();

    /// <summary>Lists of every combination of the values that are looked for, alone and with elements of other kinds, of which it can't be known whether they are meant.</summary>
    private static IEnumerable<object?> Lists(List<Constant> elements, Variable variable)
    {
        if (elements.Count > MostElements) throw new BeyondProofException($"more than {MostElements} values are looked for in lists at {variable.Name}");

        // Equal to none of those that are looked for: of one more than there are, one always is.
        var tries = Enumerable.Range(0, MostElements + 1).ToList();
        var text = tries.Select(n => string.Create(CultureInfo.InvariantCulture, $"another text {n}")).First(other => !elements.Exists(e => e.Kind == MemberKind.Text && e.Text == other));
        var number = tries.Select(n => -0.123456789m - n).First(other => !elements.Exists(e => e.Kind == MemberKind.Number && e.Number == other));
        string[] others = ["", Json(text).GetRawText(), number.ToString(CultureInfo.InvariantCulture), "true", "false", "{}"];
        for (var chosen = 0; chosen < 1 << elements.Count; chosen++)
        {
            var items = elements.Where((_, index) => (chosen & (1 << index)) != 0).Select(Json).ToList();
            foreach (var other in others)
                yield return JsonElement.Parse($"[{string.Join(',', items.Append(other).Where(item => item.Length > 0))}]");
        }
    }

    private static string Json(Constant element) => element.Kind switch
    {
        MemberKind.Text => Json(element.Text).GetRawText(),
        MemberKind.Number => element.Number.ToString(CultureInfo.InvariantCulture),
        _ => element.Number == 1 ? "true" : "false",
    };

    private static JsonElement Json(string text) => JsonElement.Parse($"\"{JsonEncodedText.Encode(text)}\"");

    private static object?[] Missing(bool mayBeMissing) => mayBeMissing ? [null] : [];
}

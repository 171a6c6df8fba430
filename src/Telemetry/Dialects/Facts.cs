using System.Buffers;
using System.Buffers.Text;
using System.Globalization;
using System.Text;
using System.Text.Json;

namespace Handrail.Telemetry;

/// <summary>Answers the dialect table's questions about one set of attributes.</summary>
internal readonly ref struct Facts(ReadOnlySpan<byte> body, AttributeSet attributes, Scratch scratch)
{
    /// <summary>A name or an id longer than this is cut: it is a key in the database.</summary>
    private const int MaxLabelBytes = 1024;

    /// <summary>More tokens than any call can have: a count beyond it is a mistake, not a figure to add up.</summary>
    public const long MaxTokens = 1_000_000_000_000;

    /// <summary>A call that is said to cost more is not believed, and could not be summed.</summary>
    private const decimal MaxCost = 1_000_000_000m;

    private readonly ReadOnlySpan<byte> _body = body;

    public StepKind Kind { get; init; }

    public Dialect? Dialect { get; init; }

    public bool IsRoot { get; init; }

    public Slice Name { get; init; }

    /// <summary>A short text: a name, an id. Empty counts as absent.</summary>
    public string? Label(Source[] sources)
    {
        foreach (Source source in sources)
        {
            if (Applies(source) && Label(source) is { Length: > 0 } label)
                return label;
        }

        return null;
    }

    /// <summary>A long text, kept as it came: JSON stays JSON. The attribute is then not kept a second time.</summary>
    public string? Content(Source[] sources)
    {
        foreach (Source source in sources)
        {
            if (source.Prefix > 0)
            {
                if (attributes.HasPrefix(source.Prefix))
                    return IndexedJson(source.Prefix);
                continue;
            }

            if (Applies(source) && attributes.TryGet(source.Slot, out AnyValue value) && Text(value) is { Length: > 0 } text)
            {
                attributes.Take(source.Slot);
                return text;
            }
        }

        return null;
    }

    /// <summary>A list of short texts, comma-separated, whether sent as a list or as the JSON of one.</summary>
    public string? List(Source[] sources)
    {
        foreach (Source source in sources)
        {
            if (!Applies(source) || !attributes.TryGet(source.Slot, out AnyValue value))
                continue;
            string? text = Text(value);
            if (text is ['[', ..])
                text = JsonMembers.JoinArray(text);
            if (!string.IsNullOrWhiteSpace(text))
                return text;
        }

        return null;
    }

    public TokenUsage Usage(TokenSource source) => new(
        Count(source.Input), Count(source.Output), Count(source.CachedRead), Count(source.CacheWrite), Count(source.Reasoning));

    /// <summary>The first amount above zero, else zero if one said so, else null.</summary>
    public decimal? Amount(Source[] sources)
    {
        decimal? zero = null;
        foreach (Source source in sources)
        {
            if (!Applies(source) || Number(source) is not { } amount || amount < 0 || amount > MaxCost)
                continue;
            if (amount > 0)
                return amount;
            zero = 0;
        }

        return zero;
    }

    public bool Says(FailureSource failure) =>
        attributes.TryGet(failure.Slot, out AnyValue value)
        && (failure.Value is null
            ? !IsBlank(value)
            : string.Equals(Text(value), failure.Value, StringComparison.OrdinalIgnoreCase));

    /// <summary>Which of the sources is there, by its attribute's name.</summary>
    public string? SourceOf(Source[] sources)
    {
        foreach (Source source in sources)
        {
            if (source.Prefix > 0 ? attributes.HasPrefix(source.Prefix) : Applies(source) && (source.Slot < 0 || (attributes.TryGet(source.Slot, out AnyValue value) && !IsBlank(value))))
                return source.AttributeName;
        }

        return null;
    }

    public string? Label(int slot) => attributes.TryGet(slot, out AnyValue value) ? Label(value) : null;

    private bool Applies(Source source) =>
        (source.OnlyOn is null || source.OnlyOn == Kind)
        && (!source.OnlyOnRoot || IsRoot)
        && (source.NotIn is null || source.NotIn != Dialect)
        && (source.WhenSlot < 0 || attributes.Has(source.WhenSlot));

    private string? Label(Source source)
    {
        if (source.Slot < 0)
            return Label(new AnyValue(ValueKind.Text, Name, 0));
        if (!attributes.TryGet(source.Slot, out AnyValue value))
            return null;
        if (source.Members.Length > 0)
            return Member(value, source);
        string? label = Label(value);
        return source.BeforeDot && label is not null && label.IndexOf('.') is > 0 and int dot ? label[..dot] : label;
    }

    private string? Label(AnyValue value)
    {
        if (value.Kind != ValueKind.Text)
            return Text(value) is { } text ? Shorten(text) : null;
        ReadOnlySpan<byte> utf8 = Utf8(value).Trim(" \t\r\n"u8);
        return scratch.Texts.Get(utf8[..TextPool.Cut(utf8, MaxLabelBytes)]);
    }

    private string? Member(AnyValue value, Source source)
    {
        if (value.Kind is not (ValueKind.Text or ValueKind.Map))
            return null;
        string? json = Text(value);
        return json is null || JsonMembers.FirstText(json, source.Members) is not { } text ? null : Shorten(text.Trim());
    }

    public string? Text(AnyValue value) => value.Kind switch
    {
        ValueKind.Empty => null,
        ValueKind.Text => TextPool.Decode(Utf8(value)),
        ValueKind.Bool => value.Bits != 0 ? "true" : "false",
        ValueKind.Int => value.Bits.ToString(CultureInfo.InvariantCulture),
        ValueKind.Double => value.Double.ToString(CultureInfo.InvariantCulture),
        _ => Json(value),
    };

    private long? Count(Source[] sources)
    {
        foreach (Source source in sources)
        {
            if (Applies(source) && Number(source) is >= 0 and <= MaxTokens and decimal count)
                return (long)decimal.Truncate(count);
        }

        return null;
    }

    private decimal? Number(Source source)
    {
        if (!attributes.TryGet(source.Slot, out AnyValue value))
            return null;
        if (source.Members.Length == 0)
            return Number(value);
        if (value.Kind is not (ValueKind.Text or ValueKind.Map) || Text(value) is not { } json)
            return null;
        return JsonMembers.Number(json, source.Members, source.AddsMembers);
    }

    private decimal? Number(AnyValue value) => value.Kind switch
    {
        ValueKind.Int => value.Bits,
        ValueKind.Double when Math.Abs(value.Double) < (double)MaxTokens => (decimal)value.Double,
        ValueKind.Text when decimal.TryParse(Utf8(value), NumberStyles.Float, CultureInfo.InvariantCulture, out decimal number) => number,
        _ => null,
    };

    private bool IsBlank(AnyValue value) =>
        value.Kind == ValueKind.Empty || (value.Kind == ValueKind.Text && Utf8(value).Trim(" \t\r\n"u8).IsEmpty);

    private ReadOnlySpan<byte> Utf8(AnyValue value) => _body.Slice(value.Slice.Start, value.Slice.Length);

    private string Json(AnyValue value)
    {
        Utf8JsonWriter json = scratch.BeginJson();
        JsonText.WriteValue(json, _body, value, 0);
        return TextPool.Decode(scratch.EndJson());
    }

    /// <summary><c>prefix.0.role</c>, <c>prefix.0.content</c>, <c>prefix.1.role</c> … as <c>[{"role":…,"content":…},…]</c>.</summary>
    private string IndexedJson(int prefix)
    {
        int skip = DialectTable.Attributes.PrefixLength(prefix);
        Utf8JsonWriter json = scratch.BeginJson();
        json.WriteStartArray();
        int open = -1;
        foreach ((int message, int digits, int at) in InOrder(prefix, skip))
        {
            if (JsonText.IsFull(json))
                break;
            if (message != open)
            {
                if (open >= 0)
                    json.WriteEndObject();
                json.WriteStartObject();
                open = message;
            }

            Attribute attribute = attributes[at];
            ReadOnlySpan<byte> rest = _body.Slice(attribute.Key.Start, attribute.Key.Length)[(skip + digits)..];
            rest = rest.StartsWith("."u8) ? rest[1..] : rest;
            rest = rest.StartsWith("message."u8) ? rest["message."u8.Length..] : rest;
            JsonText.WriteName(json, rest.IsEmpty ? "value"u8 : rest);
            JsonText.WriteValue(json, _body, attribute.Value, 0);
            attributes.TakeAt(at);
        }

        if (open >= 0)
            json.WriteEndObject();
        json.WriteEndArray();
        return Encoding.UTF8.GetString(scratch.EndJson());
    }

    private List<(int Message, int Digits, int At)> InOrder(int prefix, int skip)
    {
        var found = new List<(int Message, int Digits, int At)>();
        for (int i = 0; i < attributes.Count; i++)
        {
            if (attributes.PrefixAt(i) != prefix)
                continue;
            ReadOnlySpan<byte> key = _body.Slice(attributes[i].Key.Start, attributes[i].Key.Length)[skip..];
            if (Utf8Parser.TryParse(key, out int message, out int digits) && message >= 0)
                found.Add((message, digits, i));
        }

        found.Sort();
        return found;
    }

    private static string Shorten(string text)
    {
        if (text.Length <= MaxLabelBytes)
            return text;
        return text[..(char.IsHighSurrogate(text[MaxLabelBytes - 1]) ? MaxLabelBytes - 1 : MaxLabelBytes)];
    }
}

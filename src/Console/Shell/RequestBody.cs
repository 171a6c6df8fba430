using System.Text.Json;
using Handrail.Policy;
using Handrail.Store;

namespace Handrail.Shell;

/// <summary>
/// A JSON request read member by member: unknown members are ignored, and everything wrong with the known ones is collected and
/// refused at once, each under its own name.
/// </summary>
public sealed class RequestBody
{
    /// <summary>Longest text a member may hold unless its reader says otherwise, in characters.</summary>
    public const int DefaultLength = 4_000;

    /// <summary>Of a member that stands there twice one reader takes the first and the next the last: it is refused.</summary>
    private static readonly JsonDocumentOptions Options = new() { MaxDepth = 64, AllowDuplicateProperties = false };

    private readonly JsonElement _object;
    private readonly string _prefix;
    private readonly Dictionary<string, List<string>> _errors;

    private RequestBody(JsonElement content, string prefix, Dictionary<string, List<string>> errors) =>
        (_object, _prefix, _errors) = (content, prefix, errors);

    /// <summary>The whole object as it came.</summary>
    public JsonElement Content => _object;

    /// <summary>Reads the body. An absent body is an empty object.</summary>
    /// <exception cref="Refusal">It is no JSON object.</exception>
    public static async Task<RequestBody> ReadAsync(HttpRequest request, CancellationToken cancel)
    {
        JsonElement root;
        try
        {
            if (request.ContentLength == 0 || (request.ContentLength is null && request.ContentType is null))
            {
                root = JsonDocument.Parse("{}").RootElement;
            }
            else
            {
                using var document = await JsonDocument.ParseAsync(request.Body, Options, cancel);
                root = document.RootElement.Clone();
            }
        }
        catch (JsonException e)
        {
            throw Refusal.Invalid("body", e.LineNumber is { } line ? $"is no valid JSON (line {line + 1}, byte {e.BytePositionInLine})." : "is no valid JSON, or has a member twice.");
        }
        catch (InvalidOperationException)
        {
            throw Refusal.Invalid("body", "has a member whose name is no valid Unicode text.");
        }

        return root.ValueKind == JsonValueKind.Object
            ? new RequestBody(root, "", [])
            : throw Refusal.Invalid("body", "must be a JSON object.");
    }

    /// <summary>The given element as a body of its own: for parts of a request and for tests.</summary>
    public static RequestBody Of(JsonElement content) => new(content, "", []);

    /// <summary>SHA-256 over the canonical form of the whole object: the same for the same content, however it is written.</summary>
    /// <exception cref="Refusal">It has none: half a surrogate pair, or a number beyond any double.</exception>
    public string Digest()
    {
        try
        {
            return CanonicalJson.Sha256(_object);
        }
        catch (FormatException e)
        {
            throw Refusal.Invalid("body", $"can't be compared. {e.Message}");
        }
    }

    /// <exception cref="Refusal">Something read so far was wrong; names every member.</exception>
    public void Done()
    {
        if (_errors.Count > 0)
        {
            throw new Refusal(RefusalKind.Invalid, string.Join(" ", _errors.Select(e => $"{e.Key}: {e.Value[0]}")))
            {
                Errors = _errors.ToDictionary(e => e.Key, e => e.Value.ToArray()),
            };
        }
    }

    /// <summary>Notes an error of a member.</summary>
    public void Wrong(string member, string message)
    {
        if (!_errors.TryGetValue(_prefix + member, out var messages))
        {
            _errors[_prefix + member] = messages = [];
        }

        messages.Add(message);
    }

    public bool Has(string member) => Find(member, out _);

    public string? Text(string member, int length = DefaultLength)
    {
        if (!Find(member, out var value))
        {
            return null;
        }

        if (value.ValueKind != JsonValueKind.String)
        {
            Wrong(member, "must be a string.");
            return null;
        }

        string text;
        try
        {
            text = value.GetString()!;
        }
        catch (InvalidOperationException)
        {
            Wrong(member, "is no valid Unicode text.");
            return null;
        }

        if (text.Length > length)
        {
            Wrong(member, $"must have at most {length} characters.");
            return null;
        }

        if (text.Contains('\0'))
        {
            Wrong(member, "must not contain the character U+0000.");
            return null;
        }

        return text;
    }

    /// <summary>A text that must be there and not blank.</summary>
    public string RequiredText(string member, int length = DefaultLength)
    {
        if (!Has(member))
        {
            Wrong(member, "is required.");
            return "";
        }

        var text = Text(member, length);
        if (text is not null && string.IsNullOrWhiteSpace(text))
        {
            Wrong(member, "must not be empty.");
        }

        return text ?? "";
    }

    public decimal? Number(string member, decimal? least = null, decimal? most = null)
    {
        if (!Find(member, out var value))
        {
            return null;
        }

        if (value.ValueKind != JsonValueKind.Number || !value.TryGetDecimal(out var number))
        {
            Wrong(member, "must be a number.");
            return null;
        }

        if (number < least || number > most)
        {
            Wrong(member, (least, most) switch
            {
                ({ } l, { } m) => FormattableString.Invariant($"must be from {l} to {m}."),
                ({ } l, _) => FormattableString.Invariant($"must be at least {l}."),
                _ => FormattableString.Invariant($"must be at most {most}."),
            });
            return null;
        }

        return number;
    }

    public long? Integer(string member, long? least = null, long? most = null)
    {
        if (!Find(member, out var value))
        {
            return null;
        }

        if (value.ValueKind != JsonValueKind.Number || !value.TryGetInt64(out var number))
        {
            Wrong(member, "must be a whole number.");
            return null;
        }

        if (number < least || number > most)
        {
            Wrong(member, FormattableString.Invariant($"must be from {least ?? long.MinValue} to {most ?? long.MaxValue}."));
            return null;
        }

        return number;
    }

    public bool? Flag(string member)
    {
        if (!Find(member, out var value))
        {
            return null;
        }

        if (value.ValueKind is JsonValueKind.True or JsonValueKind.False)
        {
            return value.GetBoolean();
        }

        Wrong(member, "must be true or false.");
        return null;
    }

    /// <summary>A time with its offset, RFC 3339.</summary>
    public DateTimeOffset? Time(string member)
    {
        var text = Text(member, 64);
        if (text is null)
        {
            return null;
        }

        if (text.Length >= 10 && (text.EndsWith('Z') || text.EndsWith('z') || (text.Length > 6 && text[^3] == ':' && text[^6] is '+' or '-'))
            && DateTimeOffset.TryParse(text, System.Globalization.CultureInfo.InvariantCulture, System.Globalization.DateTimeStyles.None, out var time))
        {
            return time;
        }

        Wrong(member, "must be a time with its offset, such as 2026-01-01T12:00:00Z.");
        return null;
    }

    /// <summary>An ISO 4217 code, three letters; given back in upper case.</summary>
    public string? Currency(string member)
    {
        var text = Text(member, 16);
        if (text is null)
        {
            return null;
        }

        if (text.Length == 3 && text.All(char.IsAsciiLetter))
        {
            return text.ToUpperInvariant();
        }

        Wrong(member, "must be a three-letter ISO 4217 code, such as USD.");
        return null;
    }

    /// <summary>One word of a closed list.</summary>
    public string? Word(string member, params string[] words)
    {
        var text = Text(member, 64);
        if (text is null || words.Contains(text, StringComparer.Ordinal))
        {
            return text;
        }

        Wrong(member, $"must be one of {string.Join(", ", words)}.");
        return null;
    }

    /// <summary>One of an enum's words.</summary>
    public T? Word<T>(string member)
        where T : struct, Enum => Word(member, [.. EnumText<T>.All]) is { } word ? EnumText<T>.Parse(word) : null;

    public IReadOnlyList<string>? Texts(string member, int most = 100, int length = 200)
    {
        if (!Find(member, out var value))
        {
            return null;
        }

        if (value.ValueKind != JsonValueKind.Array || value.EnumerateArray().Any(v => v.ValueKind != JsonValueKind.String))
        {
            Wrong(member, "must be an array of strings.");
            return null;
        }

        var texts = value.EnumerateArray().Select(v => v.GetString()!).ToList();
        if (texts.Count > most || texts.Any(t => t.Length > length))
        {
            Wrong(member, $"must have at most {most} entries of at most {length} characters.");
            return null;
        }

        return texts;
    }

    /// <summary>An object, kept as it came.</summary>
    public JsonElement? Object(string member) => Kept(member, JsonValueKind.Object, "an object");

    /// <summary>An object, kept as it came, that can be compared with others and written again.</summary>
    public JsonElement? ComparableObject(string member) => Comparable(member, Object(member));

    /// <summary>An array, kept as it came.</summary>
    public JsonElement? Array(string member) => Kept(member, JsonValueKind.Array, "an array");

    /// <summary>Any JSON value, kept as it came, that can be compared with others and written again.</summary>
    public JsonElement? Any(string member) => Comparable(member, Find(member, out var value) ? value : null);

    /// <summary>Each object of an array as a body of its own, whose errors are named by its place.</summary>
    public IEnumerable<RequestBody> Objects(string member, int most)
    {
        if (Array(member) is not { } array)
        {
            yield break;
        }

        if (array.GetArrayLength() > most)
        {
            Wrong(member, $"must have at most {most} entries.");
            yield break;
        }

        var index = 0;
        foreach (var item in array.EnumerateArray())
        {
            var place = $"{member}[{index++}]";
            if (item.ValueKind != JsonValueKind.Object)
            {
                Wrong(place, "must be an object.");
                continue;
            }

            yield return new RequestBody(item, $"{_prefix}{place}.", _errors);
        }
    }

    /// <summary>An object within as a body of its own, whose errors are named by its member.</summary>
    public RequestBody? Part(string member) => Object(member) is { } part ? new RequestBody(part, $"{_prefix}{member}.", _errors) : null;

    private JsonElement? Kept(string member, JsonValueKind kind, string name)
    {
        if (!Find(member, out var value))
        {
            return null;
        }

        if (value.ValueKind == kind)
        {
            return value;
        }

        Wrong(member, $"must be {name}.");
        return null;
    }

    private JsonElement? Comparable(string member, JsonElement? value)
    {
        if (value is not { } given || CanonicalJson.TrySerialize(given, out _))
        {
            return value;
        }

        Wrong(member, "holds a number beyond any double, or text that is no valid Unicode.");
        return null;
    }

    private bool Find(string member, out JsonElement value)
    {
        try
        {
            return _object.TryGetProperty(member, out value) && value.ValueKind is not (JsonValueKind.Null or JsonValueKind.Undefined);
        }
        catch (InvalidOperationException)
        {
            // Half of a surrogate pair in a name that begins like this one.
            Wrong(member, "has a neighbour whose name is no valid Unicode text.");
            value = default;
            return false;
        }
    }
}

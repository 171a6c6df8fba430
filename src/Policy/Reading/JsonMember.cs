using System.Globalization;
using System.Text.Json;

namespace Handrail.Policy;

/// <summary>
/// One value of a document with its path. A read that finds an error notes it and answers with nothing, so that reading goes on and finds them all.
/// </summary>
internal readonly record struct JsonMember(JsonElement Element, string Path, List<PolicyError> Errors)
{
    public void Fail(string message) => Errors.Add(new(Path.Length == 0 ? "$" : Path, message));

    public JsonMember Child(string name, JsonElement element) =>
        this with { Element = element, Path = Path.Length == 0 ? name : $"{Path}.{name}" };

    /// <summary>The members by name, after refusing those that aren't among the known ones: a misspelt member must not loosen a policy by being overlooked.</summary>
    public JsonMembers AsObject(params ReadOnlySpan<string> known)
    {
        var found = new Dictionary<string, JsonMember>(StringComparer.Ordinal);
        if (Element.ValueKind != JsonValueKind.Object)
        {
            Fail("must be an object");
            return new(this, found);
        }

        foreach (var property in Element.EnumerateObject())
        {
            var member = Child(property.Name, property.Value);
            if (!known.Contains(property.Name)) member.Fail($"is not a member known here: {string.Join(", ", known)}");
            else if (!found.TryAdd(property.Name, member)) member.Fail("is given twice");
        }

        return new(this, found);
    }

    public IReadOnlyList<JsonMember> AsList()
    {
        if (Element.ValueKind != JsonValueKind.Array)
        {
            Fail("must be a list");
            return [];
        }

        var items = new List<JsonMember>(Element.GetArrayLength());
        foreach (var element in Element.EnumerateArray())
            items.Add(this with { Element = element, Path = string.Create(CultureInfo.InvariantCulture, $"{Path}[{items.Count}]") });
        return items;
    }

    public string? AsText()
    {
        if (Element.ValueKind != JsonValueKind.String) Fail("must be a text");
        else if (ComparableText.Of(Element.GetString()!).Length == 0) Fail("must not be empty");
        else return Element.GetString();
        return null;
    }

    public decimal? AsNumber(decimal least = decimal.MinValue, decimal most = decimal.MaxValue)
    {
        if (Element.ValueKind != JsonValueKind.Number) Fail("must be a number");
        else if (!Element.TryGetDecimal(out var number)) Fail("is too large a number");
        else if (number < least) Fail(string.Create(CultureInfo.InvariantCulture, $"must be at least {least}"));
        else if (number > most) Fail(string.Create(CultureInfo.InvariantCulture, $"must be at most {most}"));
        else return number;
        return null;
    }

    public int? AsWhole(int least)
    {
        if (Element.ValueKind != JsonValueKind.Number || !Element.TryGetInt32(out var number)) Fail("must be a whole number");
        else if (number < least) Fail(string.Create(CultureInfo.InvariantCulture, $"must be at least {least}"));
        else return number;
        return null;
    }

    public DateOnly? AsDay()
    {
        if (Element.ValueKind == JsonValueKind.String && DateOnly.TryParseExact(Element.GetString(), "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out var day)) return day;
        Fail("must be a day, such as 2026-12-31");
        return null;
    }

    public bool? AsFlag()
    {
        if (Element.ValueKind is JsonValueKind.True or JsonValueKind.False) return Element.GetBoolean();
        Fail("must be true or false");
        return null;
    }

    public T? AsWord<T>()
        where T : struct, Enum
    {
        if (Element.ValueKind == JsonValueKind.String && Words.TryParse<T>(Element.GetString(), out var value)) return value;
        Fail($"must be one of {string.Join(", ", Words.All<T>())}");
        return null;
    }
}

/// <summary>The members of one object of a document. A JSON null counts as absent.</summary>
internal readonly record struct JsonMembers(JsonMember Owner, IReadOnlyDictionary<string, JsonMember> Found)
{
    public JsonMember? this[string name] =>
        Found.TryGetValue(name, out var member) && member.Element.ValueKind != JsonValueKind.Null ? member : null;

    public JsonMember? Required(string name)
    {
        var member = this[name];
        if (member is null && Owner.Element.ValueKind == JsonValueKind.Object) Owner.Child(name, default).Fail("is missing");
        return member;
    }

    public IReadOnlyList<JsonMember> List(string name) => this[name]?.AsList() ?? [];
}

using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Handrail.Policy;

namespace Handrail.Policies.Editing;

/// <summary>
/// A policy while a person types it: JSON that may say anything, so that nothing typed is lost, and what the policy's own reader says of it. The paths of its errors are those
/// at which the fields stand.
/// </summary>
public sealed class DraftDocument
{
    private static readonly JsonDocumentOptions NoTwins = new() { AllowDuplicateProperties = false };

    private Dictionary<string, string[]> _errors = [];

    public DraftDocument(PolicyDocument start) => Replace(TreeOf(start));

    private DraftDocument(JsonObject root) => Replace(root);

    /// <summary>The document as JSON. Whoever changes it says so with <see cref="Changed"/>.</summary>
    public JsonObject Root { get; private set; } = [];

    /// <summary>The policy; null while something is wrong with it.</summary>
    public PolicyDocument? Document { get; private set; }

    /// <summary>Everything that is wrong, by path.</summary>
    public IReadOnlyDictionary<string, string[]> Errors => _errors;

    /// <summary>Goes up with every change.</summary>
    public int Revision { get; private set; }

    /// <summary>Reads a document that a person brings, be it right or wrong, bare or as a layer is read back.</summary>
    /// <param name="error">Why it is none at all; null when it was read.</param>
    public static DraftDocument? Import(string json, out string? error)
    {
        try
        {
            var node = JsonNode.Parse(json, documentOptions: NoTwins);
            var root = node is JsonObject { Count: > 0 } whole && whole["policy"] is JsonObject inner ? (JsonObject)inner.DeepClone() : node as JsonObject;
            var parse = root is null ? null : PublishPolicy.Check(JsonSerializer.SerializeToElement(root));
            error = root is null ? "That is JSON, but no object with members." : parse!.Errors.FirstOrDefault(e => e.Path == "$")?.Message;
            return error is null ? new DraftDocument(root!) : null;
        }
        catch (JsonException wrong)
        {
            error = $"That is not JSON: {wrong.Message}";
            return null;
        }
    }

    public static JsonObject TreeOf(PolicyDocument document) => (JsonObject)JsonNode.Parse(document.ToJson())!;

    /// <summary>The entries of one of the document's lists; what in it is no object has no fields and is left to the errors.</summary>
    public IReadOnlyList<JsonObject> Items(string list) => Root[list] is JsonArray items ? [.. items.OfType<JsonObject>()] : [];

    public JsonObject Add(string list, JsonObject item)
    {
        if (Root[list] is not JsonArray items)
        {
            Root[list] = items = [];
        }

        items.Add(item);
        Changed();
        return item;
    }

    /// <summary>Takes an entry, or a part of a condition, out of the list that it stands in.</summary>
    public void Remove(JsonNode item)
    {
        if (item.Parent is JsonArray list)
        {
            list.Remove(item);
            if (list is { Count: 0, Parent: JsonObject owner } && ReferenceEquals(owner, Root))
            {
                owner.Remove(list.GetPropertyName());
            }

            Changed();
        }
    }

    /// <summary>What stands in a field, as a person would type it; a list with a line for each of its values.</summary>
    /// <param name="owner">The entry.</param>
    /// <param name="name">The member, or the way to it: <c>mask.show</c>.</param>
    public static string Text(JsonObject owner, string name) => TextOf(Find(owner, name));

    /// <summary>Writes a member; null takes it away. Members on the way that hold nothing else come and go with it.</summary>
    public void Set(JsonObject owner, string name, JsonNode? value)
    {
        var dot = name.IndexOf('.', StringComparison.Ordinal);
        if (dot < 0)
        {
            Put(owner, name, value);
        }
        else
        {
            var inner = owner[name[..dot]] as JsonObject ?? [];
            Set(inner, name[(dot + 1)..], value);
            Put(owner, name[..dot], inner.Count == 0 ? null : inner);
        }

        Changed();
    }

    /// <summary>Where a part of the document stands, as errors name it; empty for the whole.</summary>
    public static string PathOf(JsonNode node) => node.GetPath() is { Length: > 2 } path ? path[2..] : "";

    public static string PathOf(JsonObject owner, string name) => PathOf(owner) is { Length: > 0 } path ? $"{path}.{name}" : name;

    /// <summary>What is wrong with exactly this.</summary>
    public IReadOnlyList<string> ErrorsAt(string path) => _errors.GetValueOrDefault(path) ?? [];

    /// <summary>What is wrong with the values of a list, each with the line that it stands in.</summary>
    public IReadOnlyList<string> ErrorsInLines(string path) =>
    [
        .. from error in _errors
           where error.Key.StartsWith(path + "[", StringComparison.Ordinal) && error.Key.EndsWith(']')
           let line = int.Parse(error.Key.AsSpan(path.Length + 1, error.Key.Length - path.Length - 2), CultureInfo.InvariantCulture) + 1
           from message in error.Value
           select $"Line {line} {message}",
    ];

    /// <summary>How much is wrong with a part of the document and all within it.</summary>
    public int CountUnder(string path) =>
        _errors.Where(e => e.Key.StartsWith(path, StringComparison.Ordinal) && (e.Key.Length == path.Length || e.Key[path.Length] is '.' or '[')).Sum(e => e.Value.Length);

    public void Replace(JsonObject root)
    {
        Root = root;
        Changed();
    }

    /// <summary>Reads it again after a change.</summary>
    public void Changed()
    {
        var parse = PublishPolicy.Check(JsonSerializer.SerializeToElement(Root));
        Document = parse.Errors.Count == 0 ? parse.Document : null;
        _errors = parse.Errors.GroupBy(e => e.Path).ToDictionary(g => g.Key, g => g.Select(e => e.Message).ToArray());
        Revision++;
    }

    internal static JsonNode? Find(JsonObject owner, string name) =>
        name.Split('.').Aggregate((JsonNode?)owner, (node, step) => (node as JsonObject)?[step]);

    internal static string TextOf(JsonNode? node) => node switch
    {
        null => "",
        JsonArray list => string.Join('\n', list.Select(TextOf)),
        JsonValue value when value.GetValueKind() == JsonValueKind.String => value.GetValue<string>(),
        _ => node.ToJsonString(),
    };

    private static void Put(JsonObject owner, string name, JsonNode? value)
    {
        if (value is null)
        {
            owner.Remove(name);
        }
        else if (!ReferenceEquals(owner[name], value))
        {
            owner[name] = value;
        }
    }
}

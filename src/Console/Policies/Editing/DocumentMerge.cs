using System.Text.Json.Nodes;
using Handrail.Policy;

namespace Handrail.Policies.Editing;

/// <summary>
/// Makes one person's changes again on what another has published meanwhile. What only one of them changed is as that one left it; what both changed is as the first person's
/// draft has it, and so stands in the draft's diff for everybody to see.
/// </summary>
public static class DocumentMerge
{
    /// <summary>What tells the entries of a list apart.</summary>
    private static readonly Dictionary<string, string[]> Keys = new(StringComparer.Ordinal)
    {
        ["actions"] = ["type"],
        ["limits"] = ["type", "category", "vendor"],
        ["rules"] = ["id"],
        ["breakers"] = ["id"],
        ["tools"] = ["name"],
        ["taint"] = ["when", "block"],
        ["guarantees"] = ["id"],
    };

    /// <param name="start">What both started from.</param>
    /// <param name="mine">The draft.</param>
    /// <param name="theirs">What was published.</param>
    public static JsonObject Merge(JsonObject start, JsonObject mine, JsonObject theirs)
    {
        var merged = new JsonObject();
        foreach (var name in theirs.Concat(mine).Select(member => member.Key).Distinct(StringComparer.Ordinal))
        {
            if (Member(name, start[name], mine[name], theirs[name]) is { } value)
            {
                merged[name] = value.DeepClone();
            }
        }

        return merged;
    }

    /// <summary>What tells an entry of a list from the others, as policies compare.</summary>
    public static string KeyOf(string list, JsonObject entry) => KeyOf(Keys[list], entry);

    private static string KeyOf(string[] keys, JsonObject entry) => string.Join('\u0000', keys.Select(name => ComparableText.Of(DraftDocument.TextOf(entry[name]))));

    private static JsonNode? Member(string name, JsonNode? start, JsonNode? mine, JsonNode? theirs) =>
        JsonNode.DeepEquals(mine, start) ? theirs
        : JsonNode.DeepEquals(theirs, start) ? mine
        : Keys.TryGetValue(name, out var keys) && (mine, theirs) is (JsonArray or null, JsonArray or null) ? Entries(keys, start as JsonArray, mine as JsonArray, theirs as JsonArray)
        : (mine, theirs) is (JsonObject left, JsonObject right) ? Merge(start as JsonObject ?? [], left, right)
        : mine;

    private static JsonArray? Entries(string[] keys, JsonArray? start, JsonArray? mine, JsonArray? theirs)
    {
        var (old, left, right) = (ByKey(keys, start), ByKey(keys, mine), ByKey(keys, theirs));
        var merged = new JsonArray();
        foreach (var key in right.Keys.Concat(left.Keys).Distinct(StringComparer.Ordinal))
        {
            var (was, my, their) = (old.GetValueOrDefault(key), left.GetValueOrDefault(key), right.GetValueOrDefault(key));
            if ((JsonNode.DeepEquals(my, was) ? their : my) is { } entry)
            {
                merged.Add(entry.DeepClone());
            }
        }

        return merged.Count == 0 ? null : merged;
    }

    /// <summary>A draft may hold two of one key for the time being: the later ones are told apart by their number.</summary>
    private static Dictionary<string, JsonNode?> ByKey(string[] keys, JsonArray? list)
    {
        var entries = new Dictionary<string, JsonNode?>(StringComparer.Ordinal);
        foreach (var entry in list ?? [])
        {
            var key = entry is JsonObject members ? KeyOf(keys, members) : entry?.ToJsonString() ?? "null";
            var free = key;
            for (var twin = 2; !entries.TryAdd(free, entry); twin++)
            {
                free = $"{key}\u0000{twin}";
            }
        }

        return entries;
    }
}

using System.Text.Json;
using System.Text.Json.Nodes;
using Handrail.Policy;

namespace Handrail.Policies.Editing;

/// <summary>An entry of a draft in words, also while other entries are wrong.</summary>
/// <param name="Title">What it is called: its name, its id.</param>
/// <param name="Sentence">What it means; null while it is no whole entry.</param>
public sealed record EntryReading(string Title, string? Sentence)
{
    /// <summary>What an entry may be called by, the best first.</summary>
    private static readonly string[] Names = ["text", "name", "id"];

    public static EntryReading Of(string list, JsonObject entry)
    {
        var parse = PolicyDocument.Parse(JsonSerializer.SerializeToElement(new JsonObject { [list] = new JsonArray(entry.DeepClone()) }));
        var sentence = parse.Document is { } document ? WholePolicy.ReadAloud(document).FirstOrDefault(r => r.Path == list + "[0]")?.Text : null;
        var title = Names.Select(name => DraftDocument.Text(entry, name)).FirstOrDefault(text => text.Length > 0);
        return new EntryReading(title ?? "", sentence);
    }
}

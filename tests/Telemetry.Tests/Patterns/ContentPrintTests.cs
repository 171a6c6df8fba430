using System.Text.Json.Nodes;
using CsCheck;
using Handrail.Telemetry;

namespace Handrail.Patterns;

/// <summary>What means the same has one print, and what does not has another.</summary>
public sealed class ContentPrintTests
{
    private static readonly Gen<JsonNode?> AnyJson = Gen.Recursive<JsonNode?>((depth, inner) => depth >= 3
        ? Gen.OneOf(
            Gen.Int.Select(n => (JsonNode?)JsonValue.Create(n)), Gen.Double[-1e6, 1e6].Select(n => (JsonNode?)JsonValue.Create(n)),
            Gen.String.Select(s => (JsonNode?)JsonValue.Create(s)), Gen.Bool.Select(b => (JsonNode?)JsonValue.Create(b)), Gen.Bool.Select(_ => (JsonNode?)null))
        : Gen.OneOf(
            inner.Array[0, 4].Select(items => (JsonNode?)new JsonArray([.. items.Select(i => i?.DeepClone())])),
            Gen.Select(Gen.Int[0, 20], inner).Array[0, 5].Select(members => (JsonNode?)new JsonObject(members.DistinctBy(m => m.Item1).Select(m => KeyValuePair.Create($"m{m.Item1} \"", m.Item2?.DeepClone()))))));

    [Fact]
    public void Order_of_members_and_white_space_do_not_matter() =>
        AnyJson.Sample(json =>
        {
            var written = json is null ? "null" : json.ToJsonString(new() { WriteIndented = true });
            return ContentPrint.OfResult(Turned(json)?.ToJsonString() ?? "null") == ContentPrint.OfResult(written);
        });

    [Fact]
    public void What_differs_has_another_print() =>
        Gen.Select(AnyJson, AnyJson).Sample((one, other) =>
            JsonNode.DeepEquals(one, other) == (ContentPrint.OfResult(one?.ToJsonString() ?? "null") == ContentPrint.OfResult(other?.ToJsonString() ?? "null")));

    [Theory]
    [InlineData("""{"a":1}""", """{"a":1.0}""", true)]
    [InlineData("""{"a":1e2}""", """{"a":100}""", true)]
    [InlineData("""{"a":"1"}""", """{"a":1}""", false)]
    [InlineData("""{"a":"\u0041"}""", """{"a":"A"}""", true)]
    [InlineData("""[1,2]""", """[2,1]""", false)]
    [InlineData("git status", " git status\n", true)]
    [InlineData("git status", "git status -s", false)]
    [InlineData("""{"a":""", """{"a":1}""", false)]
    [InlineData("""{"id":123456789012345678}""", """{"id":123456789012345679}""", false)]
    [InlineData("""{"id":1}""", """{"id":2}""", false)]
    [InlineData("", "", true)]
    public void Arguments_are_compared_by_what_they_mean(string one, string other, bool same) =>
        Assert.Equal(same, ContentPrint.OfCall("t", one) == ContentPrint.OfCall("t", other));

    [Fact]
    public void Another_tool_is_another_call() => Assert.NotEqual(ContentPrint.OfCall("a", "{}"), ContentPrint.OfCall("b", "{}"));

    [Fact]
    public void Unknown_arguments_have_no_print() => Assert.Null(ContentPrint.OfCall("a", null));

    [Theory]
    [InlineData("""[{"role":"user","content":"1"},{"role":"assistant","content":"2","id":"x"}]""", """[{"role":"user","content":"0"},{"role":"assistant","content":"2","id":"y"}]""", true)]
    [InlineData("""{"messages":[{"content":"1"},{"content":"2"}]}""", """{"messages":[{"content":"2"}]}""", true)]
    [InlineData("""[{"content":"1"}]""", """[{"content":"2"}]""", false)]
    [InlineData("hello", "hello", true)]
    [InlineData("[{\"content\":\"cut", "[{\"content\":\"cut off", false)]
    public void Of_messages_the_last_is_compared(string one, string other, bool same) =>
        Assert.Equal(same, ContentPrint.OfLastMessage(one) == ContentPrint.OfLastMessage(other));

    [Fact]
    public void A_print_is_the_same_in_every_process_since_it_is_stored() =>
        Assert.Equal(ContentPrint.OfCall("search", """{"q":"a","n":[1,true,null]}"""), ContentPrint.OfCall("search", """{ "n":[1.0,true,null], "q":"\u0061" }"""));

    private static JsonNode? Turned(JsonNode? json) => json switch
    {
        JsonObject members => new JsonObject(members.Reverse().Select(m => KeyValuePair.Create(m.Key, Turned(m.Value)))),
        JsonArray items => new JsonArray([.. items.Select(Turned)]),
        _ => json?.DeepClone(),
    };
}

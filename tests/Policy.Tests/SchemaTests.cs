using System.Text.Json;
using System.Text.Json.Nodes;
using CsCheck;
using Handrail.Policy;
using Json.Schema;

namespace Handrail;

/// <summary>The schema against the reader: it takes whatever the reader takes, and what it refuses the reader refuses too.</summary>
public sealed class SchemaTests
{
    private static readonly JsonSchema Schema = JsonSchema.FromText(PolicySchema.Json);

    /// <summary>What a member may be turned into.</summary>
    private static readonly Gen<string> Wrong = Gen.OneOfConst(
        "null", "true", "0", "-1", "1.5", "1e99", "99999999999", "\"\"", "\"*\"", "\"a.*\"", "\"word\"", "\"usd\"", "\"1h\"", "\"0m\"", "\"ignore\"", "\"exists\"", "\"deny\"", "\"escalate\"",
        "[]", "[1]", "[\"a\"]", "[null]", "{}", """{"all":[]}""", """{"any":[]}""", """{"field":"amount","op":"gt","value":1}""", """{"not":{"not":{"not":{"not":{"not":{"all":[]}}}}}}""");

    [Fact]
    public void Schema_IsOneThatTheStandardKnows() =>
        Assert.True(MetaSchemas.Draft202012.Evaluate(JsonElement.Parse(PolicySchema.Json)).IsValid);

    [Fact]
    public void WhateverTheReaderTakes_TheSchemaTakes() =>
        AnyPolicy.Whole.Sample(document => Takes(document.ToJson()), iter: 1_000);

    [Fact]
    public void WhateverTheSchemaRefusesOfADocumentWithOneMemberSpoilt_TheReaderRefuses()
    {
        int refused = 0, taken = 0;
        Gen.Select(AnyPolicy.Whole, Gen.Int[0, int.MaxValue], Wrong, Gen.Int[0, 3]).Sample((document, which, wrong, how) =>
        {
            var root = JsonNode.Parse(document.ToJson())!;
            var members = MembersOf(root).ToList();
            if (members.Count == 0) return;
            var (owner, name) = members[which % members.Count];
            switch (how)
            {
                case 0: owner.Remove(name); break;
                case 1: owner[name + "s"] = 1; break;
                default: owner[name] = JsonNode.Parse(wrong); break;
            }

            var json = root.ToJsonString();
            var read = PolicyDocument.Parse(json).Document is not null;
            Interlocked.Increment(ref read ? ref taken : ref refused);
            if (read) Assert.True(Takes(json), $"The reader takes and the schema refuses: {json}");
        }, iter: 4_000);
        Assert.True(refused > 400 && taken > 400, $"{refused} refused, {taken} taken");
    }

    [Theory]
    [InlineData("""{"max_amuont":5}""")]
    [InlineData("""{"limits":[{"max_amount":5}]}""")]
    [InlineData("""{"limits":[{"max_total":5,"currency":"USD"}]}""")]
    [InlineData("""{"limits":[{"type":"a*","min_confidence":1}]}""")]
    [InlineData("""{"rules":[{"id":"r","then":"deny"}]}""")]
    [InlineData("""{"rules":[{"id":"r","when":{"field":"amount","op":"gt","value":"50"},"then":"deny"}]}""")]
    [InlineData("""{"rules":[{"id":"r","when":{"field":"mood","op":"eq","value":1},"then":"deny"}]}""")]
    [InlineData("""{"rules":[{"id":"r","when":{"not":{"not":{"not":{"not":{"not":{"field":"vendor","op":"exists"}}}}}},"then":"deny"}]}""")]
    [InlineData("""{"breakers":[{"id":"b","scope":"agent","metric":"turns","limit":1,"then":"stop"}]}""")]
    [InlineData("""{"breakers":[{"id":"b","scope":"session","metric":"turns","limit":1,"currency":"USD","then":"stop"}]}""")]
    [InlineData("""{"review":{"on_timeout":"escalate"}}""")]
    [InlineData("""{"taint":[{"when":[],"block":["x"]}]}""")]
    public void WhatAnEditorShouldMark_TheSchemaRefuses(string json) => Assert.False(Takes(json));

    [Fact]
    public void TheDesignsExample_IsTaken() => Assert.True(Takes(DocumentTests.Example));

    private static bool Takes(string json) => Schema.Evaluate(JsonElement.Parse(json)).IsValid;

    private static IEnumerable<(JsonObject Owner, string Name)> MembersOf(JsonNode? node) => node switch
    {
        JsonObject owner => owner.Select(member => (owner, member.Key)).Concat(owner.SelectMany(member => MembersOf(member.Value))),
        JsonArray items => items.SelectMany(MembersOf),
        _ => [],
    };
}

using CsCheck;

namespace Handrail.Telemetry;

/// <summary>Whose words a model call's input is made of, in every form that messages come in.</summary>
public sealed class TokenOriginsTests
{
    [Theory]
    [InlineData("""[{"role":"system","content":"s"},{"role":"user","content":"u"},{"role":"assistant","content":"a"},{"role":"tool","content":"t"}]""", "system user assistant tool")]
    [InlineData("""[{"role":"user","parts":[{"type":"text","content":"u"},{"type":"tool_call_response","result":"t"}]},{"role":"assistant","parts":[{"type":"reasoning","content":"r"},{"type":"text","content":"a"}]}]""", "user assistant tool reasoning")]
    [InlineData("""[{"role":"user","content":[{"type":"tool_result","content":"t"}]}]""", "tool")]
    [InlineData("""[{"role":"user","parts":[{"functionResponse":{}}]},{"role":"model","parts":[{"text":"a"}]}]""", "assistant tool")]
    [InlineData("""{"system":"be kind","messages":[{"role":"user","content":"u"}]}""", "system user")]
    [InlineData("What is it?", "user")]
    [InlineData("[broken", "user")]
    [InlineData("""["a","b"]""", "user")]
    public void Each_part_of_the_input_is_put_down_to_where_it_came_from(string messages, string from)
    {
        TokenOrigins origins = TokenOrigins.Of(Call() with { InputMessages = messages })!.Value;

        string found = string.Join(' ', new[]
        {
            ("system", origins.System), ("tools", origins.Tools), ("user", origins.User), ("assistant", origins.Assistant), ("tool", origins.ToolOutput), ("reasoning", origins.Reasoning),
        }.Where(o => o.Item2 > 0).Select(o => o.Item1));
        Assert.Equal(from, found);
    }

    [Fact]
    public void Instructions_and_tool_definitions_that_are_sent_apart_count_too()
    {
        TokenOrigins origins = TokenOrigins.Of(Call() with { SystemInstructions = "12345", ToolDefinitions = "1234567", InputMessages = "123" })!.Value;

        Assert.Equal((5, 7, 3, 15), (origins.System, origins.Tools, origins.User, origins.Total));
    }

    [Fact]
    public void A_call_whose_messages_were_not_sent_tells_of_no_origins() => Assert.Null(TokenOrigins.Of(Call()));

    [Fact]
    public void What_is_packed_is_unpacked_the_same()
    {
        Gen<int> part = Gen.OneOf(Gen.Int[0, 300], Gen.Int[0, int.MaxValue]);
        Gen.Select(part, part, part, part, part, part).Sample((a, b, c, d, e, f) =>
        {
            var origins = new TokenOrigins(a, b, c, d, e, f);
            Assert.Equal(origins, TokenOrigins.Unpack(origins.Pack()));
        });
    }

    private static Step Call() => new() { TraceId = "aa", SpanId = "bb", Name = "chat", Kind = StepKind.Llm };
}

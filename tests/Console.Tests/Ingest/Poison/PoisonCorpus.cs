using System.Text;

namespace Handrail.Ingest.Poison;

/// <summary>What mutations begin with: what real clients sent, and what no client would.</summary>
internal sealed class PoisonCorpus
{
    private const string Id = "0badbadbadbadbadbadbadbadbadbad0";

    private readonly Dictionary<(PoisonSignal, bool Json), List<byte[]>> _seeds = [];
    private readonly Dictionary<(PoisonSignal, bool Json), List<byte[]>> _heavy = [];

    public PoisonCorpus()
    {
        foreach (var captured in Captured.All())
        {
            var signal = captured.Path.EndsWith("logs", StringComparison.Ordinal) ? PoisonSignal.Logs : captured.Path.EndsWith("metrics", StringComparison.Ordinal) ? PoisonSignal.Metrics : PoisonSignal.Traces;
            Add(_seeds, signal, captured.ContentType.Contains("json", StringComparison.Ordinal), captured.Unpacked());
        }

        var good = new GoodRecords(0xBAD, "bad-");
        foreach (var door in PoisonDoor.All)
        {
            Add(_seeds, door.Signal, door.Json, door.Json ? Whole(door, good.Next(door).Record) : good.Next(door).Record);
        }

        AddJson();
        AddWire();
    }

    /// <summary>A body as it was, to be mutated. One in some hundred is heavy: megabytes, or a hundred thousand of something.</summary>
    public byte[] Seed(PoisonDoor door, Random random)
    {
        var list = random.Next(400) == 0 && _heavy.TryGetValue((door.Signal, door.Json), out var heavy) ? heavy : _seeds[(door.Signal, door.Json)];
        return list[random.Next(list.Count)];
    }

    /// <summary>A whole JSON request of the door around its records.</summary>
    public static byte[] Whole(PoisonDoor door, params byte[][] records) =>
        [.. Encoding.UTF8.GetBytes($"{{\"{door.List}\":["), .. Wire.Join([.. records.Select((r, i) => i == 0 ? r : [(byte)',', .. r])]), .. "]}"u8];

    private void AddJson()
    {
        foreach (var door in PoisonDoor.All.Where(d => d.Json))
        {
            foreach (var body in new[] { "", " ", "null", "[]", "{}", "\"x\"", "1", "{\"" + door.List + "\":null}", "{\"" + door.List + "\":{}}", "{\"" + door.List + "\":[[]]}", "{\"" + door.List + "\\ud800\":[]}", "\uFEFF{}", "{}{}", "{\"a\":1,}" })
            {
                Add(_seeds, door.Signal, true, Encoding.UTF8.GetBytes(body));
            }

            Add(_heavy, door.Signal, true, Encoding.UTF8.GetBytes("{\"" + door.List + "\":" + new string('[', 100_000)));
            Add(_heavy, door.Signal, true, Encoding.UTF8.GetBytes("{\"" + new string('k', 1_000_000) + "\":1,\"" + door.List + "\":[]}"));
            Add(_heavy, door.Signal, true, Encoding.UTF8.GetBytes("{\"" + door.List + "\":[" + string.Join(',', Enumerable.Repeat("{}", 50_000)) + "]}"));
        }

        Add(_heavy, PoisonSignal.Traces, true, Encoding.UTF8.GetBytes(Span(string.Join(',', Enumerable.Range(0, 50_000).Select(i => $$$"""{"key":"k{{{i}}}","value":{"intValue":"{{{i}}}"}}""")))));
        Add(_heavy, PoisonSignal.Traces, true, Encoding.UTF8.GetBytes(Span($$$"""{"key":"{{{new string('k', 1_000_000)}}}","value":{"stringValue":"{{{new string('é', 1_000_000)}}}"}}""")));
        Add(_heavy, PoisonSignal.Traces, true, Encoding.UTF8.GetBytes(Span("{\"key\":\"deep\",\"value\":" + string.Concat(Enumerable.Repeat("{\"arrayValue\":{\"values\":[", 10_000)) + "{}" + string.Concat(Enumerable.Repeat("]}}", 10_000)) + "}")));
        Add(_seeds, PoisonSignal.Traces, true, Encoding.UTF8.GetBytes(Span("""{"key":"gen_ai.usage.input_tokens","value":{"intValue":"9223372036854775808"}},{"key":"gen_ai.usage.output_tokens","value":{"intValue":"-7"}},{"key":"gen_ai.usage.cost","value":{"doubleValue":"NaN"}}""")));
        Add(_seeds, PoisonSignal.Traces, true, Encoding.UTF8.GetBytes(Span("""{"key":"gen_ai.usage.input_tokens","value":{"intValue":"1000000000000"}},{"key":"gen_ai.usage.cost","value":{"doubleValue":1000000}},{"key":"gen_ai.conversation.id","value":{"stringValue":"greedy"}}""")));
        Add(_seeds, PoisonSignal.Traces, true, Encoding.UTF8.GetBytes(Span("""{"key":"gen_ai.conversation.id","value":{"stringValue":"a\u0000\u001b\ud800b"}},{"key":"gen_ai.agent.name","value":{"stringValue":"\r\n"}}""")));
        Add(_seeds, PoisonSignal.Traces, true, Encoding.UTF8.GetBytes(Span($$$"""{"key":"gen_ai.conversation.id","value":{"stringValue":"{{{new string('s', 10_000)}}}"}}""")));
        foreach (var events in new[]
        {
            """{"id":"c","session_id":"s","agent":"a","kind":"tool","amount":1,"currency":"USD","at":"0001-01-01T00:15:00-00:30"}""",
            """{"id":"d","session_id":"s","agent":"a","kind":"tool","amount":1,"currency":"USD","at":"0001-01-01T00:00:00Z"}""",
            """{"id":"e","session_id":"s","agent":"a","kind":"tool","amount":1,"currency":"USD","at":"9999-12-31T23:59:59.9999999Z"}""",
            """{"id":"f","session_id":"s","agent":"a","kind":"model","amount":1000000,"currency":"USD","input_tokens":1000000000000,"output_tokens":1000000000000}""",
            """{"id":"g","session_id":"s","agent":"a","kind":"model","amount":1e-28,"currency":"JPY","metadata":{"a\ud800":"\u0000"}}""",
            """{"id":"","session_id":"","agent":"","kind":"","amount":"","currency":""}""",
            """{"id\ud800":1,"\ud800":2,"id":"h","session_id":"s\u0007","agent":"a","kind":"tool","amount":1e29,"currency":"\u0130SD"}""",
            """{"id":"i","id":"j","session_id":"s","session_id":"t","agent":"a","kind":"human","amount":-0.0,"currency":"usd","name":"\u0000"}""",
        })
        {
            Add(_seeds, PoisonSignal.Costs, true, Encoding.UTF8.GetBytes("{\"events\":[" + events + "]}"));
        }
    }

    private void AddWire()
    {
        foreach (var signal in new[] { PoisonSignal.Traces, PoisonSignal.Logs, PoisonSignal.Metrics })
        {
            byte[][] plain =
            [
                [], [0], [0x0A], [0x0A, 0xFF, 0xFF, 0xFF, 0xFF, 0x0F], [0x0A, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x01], [0x0B], [0x0B, 0x0C], [0x0F], [0x08, 0x01], [0x0D, 1, 2, 3, 4],
                Wire.Field(1, []), Wire.Field(1, Wire.Field(2, Wire.Field(2, []))), Wire.Field(1, Wire.Join(Wire.Field(2, []), [0xFA, 0xFF, 0xFF, 0xFF, 0x0F, 0x00])),
            ];
            Array.ForEach(plain, p => Add(_seeds, signal, false, p));
            Add(_heavy, signal, false, Wire.Join([.. Enumerable.Repeat(Wire.Field(1, Wire.Field(2, Wire.Field(2, []))), 20_000)]));
        }

        var deep = Wire.Field(1, "core");
        for (var i = 0; i < 5_000; i++)
        {
            deep = Wire.Field(5, Wire.Field(1, deep));
        }

        Add(_heavy, PoisonSignal.Traces, false, SpanWire(Wire.Join(Wire.Field(1, "deep"), Wire.Field(2, deep))));
        Add(_heavy, PoisonSignal.Traces, false, SpanWire(Wire.Text(new string('k', 1_000_000), new string('é', 1_000_000))));
        Add(_heavy, PoisonSignal.Traces, false, SpanWire([.. Enumerable.Range(0, 50_000).Select(i => Wire.Whole($"k{i}", i))]));
        Add(_heavy, PoisonSignal.Traces, false, SpanWire(Wire.Text("gen_ai.input.messages", new string('x', 10_000_000))));
        Add(_seeds, PoisonSignal.Traces, false, SpanWire(Wire.Whole("gen_ai.usage.input_tokens", long.MinValue), Wire.Whole("gen_ai.usage.output_tokens", -1)));
        Add(_seeds, PoisonSignal.Traces, false, SpanWire(Wire.Join(Wire.Field(1, "gen_ai.usage.input_tokens"), Wire.Field(2, Wire.Fixed(4, 0x7FF8000000000000)))));
        Add(_seeds, PoisonSignal.Traces, false, SpanWire(Wire.Text("gen_ai.conversation.id", "\0\u001b\u202e"), Wire.Text("gen_ai.agent.name", "\r\n")));
        Add(_seeds, PoisonSignal.Traces, false, SpanWire(Wire.Text("gen_ai.conversation.id", new string('s', 10_000))));
        foreach (var (kind, value) in new[] { (5, 0x7FEFFFFFFFFFFFFFUL), (7, 0x7FEFFFFFFFFFFFFFUL), (7, 0xFFEFFFFFFFFFFFFFUL), (7, 0x7FF8000000000000UL), (9, ulong.MaxValue) })
        {
            Add(_seeds, PoisonSignal.Metrics, false, Wire.Field(1, Wire.Field(2, Wire.Field(2, Wire.Join(Wire.Field(1, "m"), Wire.Field(kind, Wire.Join(Wire.Field(1, Wire.Join(Wire.Fixed(3, 1_700_000_000_000_000_000), Wire.Fixed(4, value))), Wire.Number(2, 1))))))));
        }
    }

    private static string Span(string attributes) =>
        $$$"""{"resourceSpans":[{"resource":{"attributes":[{"key":"service.name","value":{"stringValue":"bad"}}]},"scopeSpans":[{"spans":[{"traceId":"{{{Id}}}","spanId":"0badbadbadbadbad","name":"x","startTimeUnixNano":"1","endTimeUnixNano":"1760000000000000000","attributes":[{"key":"gen_ai.operation.name","value":{"stringValue":"chat"}},{{{attributes}}}]}]}]}]}""";

    private static byte[] SpanWire(params byte[][] attributes) => Wire.Field(1, Wire.Join(
        Wire.Field(1, Wire.Field(1, Wire.Text("service.name", "bad"))),
        Wire.Field(2, Wire.Field(2, Wire.Join(
            [
                Wire.Field(1, Convert.FromHexString(Id)), Wire.Field(2, Convert.FromHexString("0badbadbadbadbae")), Wire.Field(5, "x"), Wire.Fixed(7, 1), Wire.Fixed(8, 1_760_000_000_000_000_000),
                Wire.Field(9, Wire.Text("gen_ai.operation.name", "chat")), .. attributes.Select(a => Wire.Field(9, a)),
            ])))));

    private static void Add(Dictionary<(PoisonSignal, bool Json), List<byte[]>> to, PoisonSignal signal, bool json, byte[] body)
    {
        if (!to.TryGetValue((signal, json), out var list))
        {
            to[(signal, json)] = list = [];
        }

        list.Add(body);
    }
}

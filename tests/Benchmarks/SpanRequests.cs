using System.Buffers.Binary;
using System.Globalization;
using System.Net.Http.Headers;
using System.Text;
using Handrail.Telemetry;

namespace Handrail.Benchmarks;

/// <summary>
/// OTLP requests as an exporter's batch processor sends them: each has as many turns as fit in, each a trace of an agent's span, model calls
/// and tool calls in the GenAI conventions, with the session's id and about a kilobyte of content to a span. They are stamped out of one
/// encoded pattern, so that making them takes little of what is measured.
/// </summary>
internal sealed class SpanRequests
{
    public const int Spans = 512;

    private const int SpansInTurn = 8;
    private const int SessionIdLength = 10;

    private readonly byte[] _pattern;
    private readonly List<(int At, int Turn)> _traceIds = [];
    private readonly List<(int At, int Span)> _spanIds = [];
    private readonly List<(int At, int Turn)> _sessionIds = [];
    private readonly List<(int At, ulong Offset)> _times = [];

    public SpanRequests()
    {
        var writer = new WireWriter();
        var scope = Begin(writer);
        for (var span = 0; span < Spans; span++)
        {
            WriteSpan(writer, span);
        }

        End(writer, scope);
        _pattern = writer.Written.ToArray();
        Find("TRACE", 16, _traceIds);
        Find("SPAN", 8, _spanIds);
        Find("s-", SessionIdLength, _sessionIds);
        FindTimes();
    }

    /// <summary>The request of this number: its traces, spans and sessions are its own.</summary>
    public byte[] Request(int number)
    {
        var body = _pattern.AsSpan().ToArray();
        var now = (ulong)(TimeProvider.System.GetUtcNow() - DateTimeOffset.UnixEpoch).Ticks * 100;
        foreach (var (at, turn) in _traceIds)
        {
            BinaryPrimitives.WriteInt64BigEndian(body.AsSpan(at), 0x5EED_0000_0000_0000 | (long)number);
            BinaryPrimitives.WriteInt64BigEndian(body.AsSpan(at + 8), turn + 1);
        }

        foreach (var (at, span) in _spanIds)
        {
            BinaryPrimitives.WriteInt64BigEndian(body.AsSpan(at), ((long)number << 16) | (uint)(span + 1));
        }

        foreach (var (at, turn) in _sessionIds)
        {
            // Ten turns to a session.
            _ = ((number * (Spans / SpansInTurn)) + turn) / 10 is var session
                && session.TryFormat(body.AsSpan(at + 2, SessionIdLength - 2), out _, "d8", CultureInfo.InvariantCulture);
        }

        foreach (var (at, offset) in _times)
        {
            BinaryPrimitives.WriteUInt64LittleEndian(body.AsSpan(at), now + offset);
        }

        return body;
    }

    /// <summary>Sends a request; spans that are rejected are an error, since whatever is measured then would be something else.</summary>
    public static async Task SendAsync(HttpClient agent, byte[] request, CancellationToken cancel = default)
    {
        using var body = new ByteArrayContent(request);
        body.Headers.ContentType = new MediaTypeHeaderValue("application/x-protobuf");
        using var answer = await agent.PostAsync("/v1/traces", body, cancel);
        answer.EnsureSuccessStatusCode();
        if (await answer.Content.ReadAsByteArrayAsync(cancel) is { Length: > 0 } partial)
        {
            throw new InvalidOperationException($"Spans were rejected: {Encoding.UTF8.GetString(partial)}");
        }
    }

    private static (int Resource, int Scope) Begin(WireWriter writer)
    {
        var resource = writer.BeginMessage(1);
        var attributes = writer.BeginMessage(1);
        Attribute(writer, 1, "service.name", "bench");
        Attribute(writer, 1, "service.version", "1.4.2");
        Attribute(writer, 1, "telemetry.sdk.name", "opentelemetry");
        writer.EndMessage(attributes);
        return (resource, writer.BeginMessage(2));
    }

    private static void End(WireWriter writer, (int Resource, int Scope) open)
    {
        writer.EndMessage(open.Scope);
        writer.EndMessage(open.Resource);
    }

    private static void WriteSpan(WireWriter writer, int span)
    {
        var (turn, place) = (span / SpansInTurn, span % SpansInTurn);
        var message = writer.BeginMessage(2);
        writer.WriteBytes(1, Marked("TRACE", turn, 16));
        writer.WriteBytes(2, Marked("SPAN", span, 8));
        if (place > 0)
        {
            writer.WriteBytes(4, Marked("SPAN", span - place, 8));
        }

        var (operation, name) = place == 0 ? ("invoke_agent", "invoke_agent bench") : place % 2 == 1 ? ("chat", "chat gpt-5-mini") : ("execute_tool", "execute_tool lookup");
        writer.WriteText(5, name);
        writer.WriteFixed64(7, TimeMark | (uint)(place * 100_000_000));
        writer.WriteFixed64(8, TimeMark | (uint)((place * 100_000_000) + 90_000_000));
        Attribute(writer, 9, "gen_ai.operation.name", operation);
        Attribute(writer, 9, "gen_ai.agent.name", "bench");
        Attribute(writer, 9, "gen_ai.conversation.id", "s-" + turn.ToString("d8", CultureInfo.InvariantCulture));
        switch (operation)
        {
            case "chat":
                Attribute(writer, 9, "gen_ai.provider.name", "openai");
                Attribute(writer, 9, "gen_ai.request.model", "gpt-5-mini");
                Attribute(writer, 9, "gen_ai.response.model", "gpt-5-mini-2025-08-07");
                Attribute(writer, 9, "gen_ai.usage.input_tokens", 1_200 + span);
                Attribute(writer, 9, "gen_ai.usage.output_tokens", 80 + place);
                Attribute(writer, 9, "gen_ai.input.messages", Messages("user", span));
                Attribute(writer, 9, "gen_ai.output.messages", Messages("assistant", span));
                break;
            case "execute_tool":
                Attribute(writer, 9, "gen_ai.tool.name", "lookup");
                Attribute(writer, 9, "gen_ai.tool.call.arguments", $$"""{"query":"invoice {{span}}","limit":10}""");
                Attribute(writer, 9, "gen_ai.tool.call.result", Messages("tool", span));
                break;
        }

        writer.EndMessage(message);
    }

    internal static string Messages(string role, int span)
    {
        var text = string.Join(' ', Enumerable.Range(0, 60).Select(i => Words[((span * 31) + (i * i * 7)) % Words.Length]));
        return $$"""[{"role":"{{role}}","parts":[{"type":"text","content":"{{text}}"}]}]""";
    }

    internal static void Attribute(WireWriter writer, int field, string key, string value)
    {
        var attribute = writer.BeginMessage(field);
        writer.WriteText(1, key);
        var any = writer.BeginMessage(2);
        writer.WriteText(1, value);
        writer.EndMessage(any);
        writer.EndMessage(attribute);
    }

    internal static void Attribute(WireWriter writer, int field, string key, long value)
    {
        var attribute = writer.BeginMessage(field);
        writer.WriteText(1, key);
        var any = writer.BeginMessage(2);
        writer.WriteVarint(3, (ulong)value);
        writer.EndMessage(any);
        writer.EndMessage(attribute);
    }

    private static byte[] Marked(string mark, int number, int length)
    {
        var id = new byte[length];
        Encoding.ASCII.GetBytes(mark, id);
        BinaryPrimitives.WriteUInt16BigEndian(id.AsSpan(length - 2), (ushort)number);
        return id;
    }

    private void Find(string mark, int length, List<(int At, int Number)> places)
    {
        var wanted = Encoding.ASCII.GetBytes(mark);
        for (var at = 0; (at = Next(wanted, at)) >= 0; at += length)
        {
            var number = mark == "s-"
                ? int.Parse(_pattern.AsSpan(at + 2, length - 2), NumberStyles.None, CultureInfo.InvariantCulture)
                : BinaryPrimitives.ReadUInt16BigEndian(_pattern.AsSpan(at + length - 2));
            places.Add((at, number));
        }
    }

    private void FindTimes()
    {
        var wanted = new byte[4];
        BinaryPrimitives.WriteUInt32LittleEndian(wanted, (uint)(TimeMark >> 32));
        for (var at = 0; (at = Next(wanted, at)) >= 0; at += 4)
        {
            _times.Add((at - 4, BinaryPrimitives.ReadUInt32LittleEndian(_pattern.AsSpan(at - 4))));
        }
    }

    private int Next(byte[] wanted, int from) => _pattern.AsSpan(from).IndexOf(wanted) is >= 0 and var found ? from + found : -1;

    private const ulong TimeMark = 0xFEDC_BA98_0000_0000;

    private static readonly string[] Words =
        "the invoice from March was paid twice so a refund of two hundred dollars is due to customer after approval by finance please check account ledger vendor limit policy reference number amount currency date contract renewal support ticket priority high low urgent review".Split(' ');
}

using System.Buffers.Binary;
using System.Globalization;
using System.Text;

namespace Handrail.Faults.Load;

/// <summary>
/// OTLP requests of one kind, stamped out of one that was encoded beforehand, so that making them takes next to nothing of the processors that the
/// console needs. A request is the same again whenever it is made: its turns are traces of eight spans, an agent's with model and tool calls below it.
/// </summary>
internal sealed class SpanPattern
{
    /// <summary>Spans of one trace.</summary>
    public const int SpansInTurn = 8;

    private const int InputTokens = 1_200;
    private const int OutputTokens = 80;
    private const int DigitsOfSession = 8;

    /// <summary>No text has these bytes: they are not UTF-8.</summary>
    private static readonly byte[] TraceMark = [0xF6, 0xF8, 0xFA, 0xFB];

    private static readonly byte[] SpanMark = [0xF5, 0xF7, 0xF9];

    private readonly byte[] _encoded;
    private readonly string _sessions;
    private readonly IReadOnlyList<int> _traceNumbers;
    private readonly IReadOnlyList<int> _spanNumbers;
    private readonly IReadOnlyList<int> _sessionNumbers;

    /// <param name="spans">In one request.</param>
    /// <param name="json">Else protobuf.</param>
    /// <param name="end">When the last span of each ended.</param>
    /// <param name="sessions">What their sessions' ids begin with.</param>
    /// <param name="contentLength">Characters of what was said, in each model call.</param>
    public SpanPattern(int spans, bool json, DateTimeOffset end, string sessions, int contentLength)
    {
        (Spans, IsJson, _sessions) = (spans, json, sessions);
        var all = Enumerable.Range(0, spans).Select(n => Span(n, end, contentLength)).ToList();
        _encoded = json ? SpanEncoding.Json(all) : SpanEncoding.Protobuf(all);
        _traceNumbers = Places(json ? Hex(TraceMark) : TraceMark, json ? 2 * TraceMark.Length : TraceMark.Length);
        _spanNumbers = Places(json ? Hex(SpanMark) : SpanMark, json ? 2 * SpanMark.Length : SpanMark.Length);
        _sessionNumbers = Places(Encoding.UTF8.GetBytes(sessions), sessions.Length);
    }

    public int Spans { get; }

    public bool IsJson { get; }

    /// <summary>Of a request's body, in bytes.</summary>
    public int Length => _encoded.Length;

    /// <summary>Turns of a request.</summary>
    public int Turns => (Spans + SpansInTurn - 1) / SpansInTurn;

    /// <summary>What all model calls of a request read.</summary>
    public long TokensIn => (long)InputTokens * Enumerable.Range(0, Spans).Count(IsModelCall);

    /// <summary>The trace of a turn, as it is stored.</summary>
    public static string TraceId(int number, int turn) => Convert.ToHexStringLower(Trace(number, turn));

    /// <summary>Makes a request.</summary>
    /// <param name="body">As long as <see cref="Length"/>.</param>
    /// <param name="number">Its traces and spans are its own.</param>
    /// <param name="session">The session that all of it belongs to.</param>
    public void Write(Span<byte> body, int number, int session)
    {
        _encoded.CopyTo(body);
        foreach (var at in _traceNumbers)
        {
            WriteNumber(body[at..], number, 4);
        }

        foreach (var at in _spanNumbers)
        {
            WriteNumber(body[at..], number, 3);
        }

        foreach (var at in _sessionNumbers)
        {
            session.TryFormat(body.Slice(at, DigitsOfSession), out _, "d8", CultureInfo.InvariantCulture);
        }
    }

    /// <summary>Big-endian, as it is or in hexadecimal.</summary>
    private void WriteNumber(Span<byte> to, int number, int bytes)
    {
        Span<byte> big = stackalloc byte[4];
        BinaryPrimitives.WriteInt32BigEndian(big, number);
        big = big[(4 - bytes)..];
        if (IsJson)
        {
            Convert.TryToHexStringLower(big, to[..(2 * bytes)], out _);
        }
        else
        {
            big.CopyTo(to);
        }
    }

    private PlainSpan Span(int n, DateTimeOffset end, int contentLength)
    {
        var (turn, place) = (n / SpansInTurn, n % SpansInTurn);
        var (operation, name) = place == 0 ? ("invoke_agent", "invoke_agent load") : IsModelCall(n) ? ("chat", "chat gpt-4o-mini") : ("execute_tool", "execute_tool lookup");
        var attributes = new List<(string, object)>
        {
            ("gen_ai.operation.name", operation), ("gen_ai.agent.name", "load"), ("gen_ai.conversation.id", _sessions + new string('0', DigitsOfSession)),
        };
        if (IsModelCall(n))
        {
            attributes.AddRange(
            [
                ("gen_ai.provider.name", "openai"), ("gen_ai.request.model", "gpt-4o-mini"), ("gen_ai.usage.input_tokens", (long)InputTokens), ("gen_ai.usage.output_tokens", (long)OutputTokens),
                ("gen_ai.input.messages", Said("user", n, contentLength / 2)), ("gen_ai.output.messages", Said("assistant", n, contentLength / 2)),
            ]);
        }
        else if (place > 0)
        {
            attributes.AddRange([("gen_ai.tool.name", "lookup"), ("gen_ai.tool.call.arguments", $$"""{"query":"invoice {{n}}"}"""), ("gen_ai.tool.call.result", Text(n + 5, contentLength / 4))]);
        }

        var begun = end.AddMilliseconds((place - SpansInTurn) * 100);
        return new PlainSpan(Trace(0, turn), Id(n), place == 0 ? [] : Id(n - place), name, begun, place == 0 ? end : begun.AddMilliseconds(90), attributes);
    }

    private static bool IsModelCall(int n) => n % SpansInTurn % 2 == 1;

    private static byte[] Trace(int number, int turn)
    {
        var id = new byte[16];
        TraceMark.CopyTo(id, 0);
        BinaryPrimitives.WriteInt32BigEndian(id.AsSpan(4), number);
        BinaryPrimitives.WriteInt32BigEndian(id.AsSpan(12), turn + 1);
        return id;
    }

    private static byte[] Id(int n)
    {
        var id = new byte[8];
        SpanMark.CopyTo(id, 0);
        BinaryPrimitives.WriteUInt16BigEndian(id.AsSpan(6), (ushort)(n + 1));
        return id;
    }

    private static byte[] Hex(byte[] bytes) => Encoding.ASCII.GetBytes(Convert.ToHexStringLower(bytes));

    private static string Said(string role, int n, int length) => $$"""[{"role":"{{role}}","parts":[{"type":"text","content":"{{Text(n, length)}}"}]}]""";

    private static string Text(int n, int length)
    {
        var text = new StringBuilder();
        for (var i = 0; text.Length < length; i++)
        {
            text.Append(Words[((n * 31) + (i * i * 7)) % Words.Length]).Append(' ');
        }

        return text.ToString();
    }

    /// <summary>What follows each mark.</summary>
    private List<int> Places(byte[] mark, int length)
    {
        var places = new List<int>();
        for (var at = 0; _encoded.AsSpan(at).IndexOf(mark) is >= 0 and var found;)
        {
            at += found + length;
            places.Add(at);
        }

        return places;
    }

    private static readonly string[] Words =
        "the invoice from March was paid twice so a refund of two hundred dollars is due to customer after approval by finance please check account ledger vendor limit policy".Split(' ');
}

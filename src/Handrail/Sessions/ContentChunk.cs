using System.Buffers;
using System.Buffers.Binary;
using System.IO.Compression;
using System.Text;
using Handrail.Telemetry;

namespace Handrail.Sessions;

/// <summary>
/// What the steps of one trace said that came in one request, as one compressed row: the calls of a trace repeat one another's prompts, so
/// that together they take a fifth of the bytes, and a row and an index entry for each is what costs a database most.
/// </summary>
/// <param name="body">As <see cref="StepContent.Body"/>.</param>
/// <param name="steps">How many steps are in it.</param>
internal sealed class ContentChunk(byte[] body, int steps)
{
    /// <summary>UTF-8 JSON of one step: rows written before there were chunks.</summary>
    private const byte One = 0;

    /// <summary>The same, compressed with Brotli.</summary>
    private const byte OneBrotli = 1;

    /// <summary>Entries of steps: 4 bytes of length and the span's id, 4 bytes of length and its JSON, little-endian.</summary>
    private const byte Several = 2;

    /// <summary>4 bytes, the length of the entries, then the entries compressed with Brotli.</summary>
    private const byte SeveralBrotli = 3;

    private const int LengthBytes = 4;

    /// <summary>A chunk takes in no further step from here on, so that what one step said is found without reading a whole long trace.</summary>
    private const int Full = 128 * 1024;

    /// <summary>Below this many bytes there is nothing to gain.</summary>
    private const int WorthCompressing = 512;

    /// <summary>A buffer that grew beyond this for one odd step is given back.</summary>
    private const int MostKept = 1 << 20;

    /// <summary>Quality 0 takes half the time of 1 for nearly the same bytes; a larger window has nothing to look back at.</summary>
    private const int Quality = 0;

    private const int Window = 18;

    [ThreadStatic]
    private static ArrayBufferWriter<byte>? _entries;

    [ThreadStatic]
    private static ArrayBufferWriter<byte>? _json;

    [ThreadStatic]
    private static ArrayBufferWriter<byte>? _redacted;

    /// <summary>The whole chunk, as it is stored when each of its steps is.</summary>
    public byte[] Body => body;

    public int Steps => steps;

    /// <summary>Packs what steps of one trace said, without what the rules take out.</summary>
    /// <param name="given">The steps, in the order they came.</param>
    /// <param name="packed">Called for each step with its chunk.</param>
    public static void Pack(IReadOnlyList<Step> given, Redaction redaction, Action<int, ContentChunk> packed)
    {
        var entries = _entries ??= new ArrayBufferWriter<byte>(16_384);
        var json = _json ??= new ArrayBufferWriter<byte>(4_096);
        var redacted = _redacted ??= new ArrayBufferWriter<byte>();
        for (var first = 0; first < given.Count;)
        {
            entries.ResetWrittenCount();
            var next = first;
            do
            {
                json.ResetWrittenCount();
                redacted.ResetWrittenCount();
                StepContentBody.Write(given[next], json);
                Add(entries, given[next].SpanId, redaction.TryRedact(json.WrittenSpan, redacted) ? redacted.WrittenSpan : json.WrittenSpan);
                next++;
            }
            while (next < given.Count && entries.WrittenCount < Full);

            var chunk = new ContentChunk(Stored(entries.WrittenSpan), next - first);
            for (; first < next; first++)
            {
                packed(first, chunk);
            }
        }

        if (entries.Capacity > MostKept || json.Capacity > MostKept || redacted.Capacity > MostKept)
        {
            (_entries, _json, _redacted) = (null, null, null);
        }
    }

    /// <summary>The chunk with these steps alone: the others are not to be stored.</summary>
    public byte[] Only(IReadOnlySet<string> spans)
    {
        var kept = new ArrayBufferWriter<byte>();
        var seen = new HashSet<string>(StringComparer.Ordinal);
        Each(body, "", (span, json) =>
        {
            if (spans.Contains(span) && seen.Add(span))
            {
                Add(kept, span, json);
            }
        });
        return Stored(kept.WrittenSpan);
    }

    /// <summary>What one step of the row said; null when it is not in it.</summary>
    public static StepContentReading? Find(StepContent row, string spanId)
    {
        StepContentReading? found = null;
        Each(row.Body, row.SpanId, (span, json) => found ??= span == spanId ? StepContentBody.Read(json) : null);
        return found;
    }

    /// <summary>What the wanted steps of the row said.</summary>
    public static void Read(StepContent row, Func<string, bool> wanted, Action<string, StepContentReading> read) => Each(row.Body, row.SpanId, (span, json) =>
    {
        if (wanted(span))
        {
            read(span, StepContentBody.Read(json));
        }
    });

    private static void Add(ArrayBufferWriter<byte> entries, string spanId, ReadOnlySpan<byte> json)
    {
        var length = Encoding.UTF8.GetByteCount(spanId);
        var head = entries.GetSpan(LengthBytes + length + LengthBytes);
        BinaryPrimitives.WriteInt32LittleEndian(head, length);
        Encoding.UTF8.GetBytes(spanId, head[LengthBytes..]);
        BinaryPrimitives.WriteInt32LittleEndian(head[(LengthBytes + length)..], json.Length);
        entries.Advance(LengthBytes + length + LengthBytes);
        entries.Write(json);
    }

    private static byte[] Stored(ReadOnlySpan<byte> entries)
    {
        const int Head = 1 + LengthBytes;
        if (entries.Length >= WorthCompressing)
        {
            var packed = ArrayPool<byte>.Shared.Rent(BrotliEncoder.GetMaxCompressedLength(entries.Length) + Head);
            try
            {
                if (BrotliEncoder.TryCompress(entries, packed.AsSpan(Head), out var length, Quality, Window) && Head + length < entries.Length)
                {
                    packed[0] = SeveralBrotli;
                    BinaryPrimitives.WriteInt32LittleEndian(packed.AsSpan(1), entries.Length);
                    return packed.AsSpan(0, Head + length).ToArray();
                }
            }
            finally
            {
                ArrayPool<byte>.Shared.Return(packed);
            }
        }

        var plain = new byte[1 + entries.Length];
        plain[0] = Several;
        entries.CopyTo(plain.AsSpan(1));
        return plain;
    }

    private delegate void Entry(string span, ReadOnlySpan<byte> json);

    private static void Each(ReadOnlySpan<byte> body, string rowSpan, Entry entry)
    {
        switch (body[0])
        {
            case One:
                entry(rowSpan, body[1..]);
                break;
            case OneBrotli:
                using (var packed = new MemoryStream(body[1..].ToArray()))
                using (var unpacked = new BrotliStream(packed, CompressionMode.Decompress))
                using (var whole = new MemoryStream())
                {
                    unpacked.CopyTo(whole);
                    entry(rowSpan, whole.GetBuffer().AsSpan(0, (int)whole.Length));
                }

                break;
            case Several:
                EachOf(body[1..], entry);
                break;
            case SeveralBrotli:
                var entries = new byte[BinaryPrimitives.ReadInt32LittleEndian(body[1..])];
                if (!BrotliDecoder.TryDecompress(body[(1 + LengthBytes)..], entries, out var written) || written != entries.Length)
                {
                    throw new InvalidDataException("What steps said is stored in a form that can't be read.");
                }

                EachOf(entries, entry);
                break;
            default:
                throw new InvalidDataException($"What steps said is stored in the unknown form {body[0]}.");
        }
    }

    private static void EachOf(ReadOnlySpan<byte> entries, Entry entry)
    {
        while (entries.Length > 0)
        {
            var span = Next(ref entries);
            entry(Encoding.UTF8.GetString(span), Next(ref entries));
        }
    }

    private static ReadOnlySpan<byte> Next(ref ReadOnlySpan<byte> entries)
    {
        var length = BinaryPrimitives.ReadInt32LittleEndian(entries);
        var value = entries.Slice(LengthBytes, length);
        entries = entries[(LengthBytes + length)..];
        return value;
    }
}

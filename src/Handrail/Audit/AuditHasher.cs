using System.Buffers;
using System.Security.Cryptography;
using System.Text.Json;
using Handrail.Store;

namespace Handrail.Audit;

/// <summary>
/// Works out the hash that a record must carry: SHA-256 over a JSON array of all its other members, the time in microseconds since 1970.
/// Keeps its buffers, so that a million records take next to no memory; not for two threads at once.
/// </summary>
public sealed class AuditHasher : IDisposable
{
    private readonly ArrayBufferWriter<byte> _text = new(1_024);
    private readonly Utf8JsonWriter _json;

    public AuditHasher() => _json = new Utf8JsonWriter(_text, new JsonWriterOptions { SkipValidation = true });

    /// <summary>What is hashed, as UTF-8; good until the next call.</summary>
    public ReadOnlySpan<byte> Text(AuditRecord record)
    {
        _text.ResetWrittenCount();
        _json.Reset(_text);
        _json.WriteStartArray();
        _json.WriteNumberValue(record.Seq);
        _json.WriteNumberValue(TimeColumns.ToMicros(record.At));
        _json.WriteStringValue(record.Actor);
        _json.WriteStringValue(record.ActorKind);
        _json.WriteStringValue(record.Act);
        _json.WriteStringValue(record.Target);
        _json.WriteStringValue(record.Reason);
        _json.WriteStringValue(record.BeforeJson);
        _json.WriteStringValue(record.AfterJson);
        _json.WriteStringValue(record.Address);
        _json.WriteStringValue(record.CorrelationId);
        _json.WriteStringValue(record.PreviousHash);
        _json.WriteEndArray();
        _json.Flush();
        return _text.WrittenSpan;
    }

    /// <summary>In hexadecimal, as records carry it.</summary>
    public string Of(AuditRecord record)
    {
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(Text(record), hash);
        return Convert.ToHexStringLower(hash);
    }

    /// <summary>True when the record carries the hash that belongs to what else it says.</summary>
    public bool Fits(AuditRecord record)
    {
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        Span<char> hex = stackalloc char[SHA256.HashSizeInBytes * 2];
        SHA256.HashData(Text(record), hash);
        return Convert.TryToHexStringLower(hash, hex, out _) && record.Hash.AsSpan().SequenceEqual(hex);
    }

    public void Dispose() => _json.Dispose();
}

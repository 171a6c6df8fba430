using System.Globalization;
using System.Text;
using System.Text.Json;
using Handrail.Shell.Display;
using Handrail.Store;

namespace Handrail.Audit;

/// <summary>
/// The record as a file. In JSON Lines each line also has <c>hashed</c>, the text whose SHA-256 is the record's hash, so that whoever has the
/// file alone can verify the chain. In CSV (RFC 4180) no cell is a formula.
/// </summary>
public static class AuditFile
{
    private const string CsvHead = "seq,at,actor,actor_kind,act,target,reason,before,after,address,correlation_id,previous_hash,hash\r\n";

    /// <summary>After so much the reader gets what there is.</summary>
    private const int PortionBytes = 64 * 1024;

    public static async Task WriteLinesAsync(Stream to, IAsyncEnumerable<AuditRecord> records, CancellationToken cancel)
    {
        using var hasher = new AuditHasher();
        using var portion = new MemoryStream();
        await using var json = new Utf8JsonWriter(portion, new JsonWriterOptions { Encoder = JsonText.Options.Encoder });
        await foreach (var record in records.WithCancellation(cancel))
        {
            Write(json, record, hasher);
            await json.FlushAsync(cancel);
            json.Reset();
            portion.WriteByte((byte)'\n');
            if (portion.Length >= PortionBytes)
            {
                await PassOnAsync(portion, to, cancel);
            }
        }

        await PassOnAsync(portion, to, cancel);
    }

    public static async Task WriteCsvAsync(Stream to, IAsyncEnumerable<AuditRecord> records, CancellationToken cancel)
    {
        await using var text = new StreamWriter(to, new UTF8Encoding(encoderShouldEmitUTF8Identifier: true), PortionBytes, leaveOpen: true);
        await text.WriteAsync(CsvHead.AsMemory(), cancel);
        await foreach (var r in records.WithCancellation(cancel))
        {
            string?[] cells =
            [
                r.Seq.ToString(CultureInfo.InvariantCulture), Time(r.At), r.Actor, r.ActorKind, r.Act, r.Target, r.Reason, r.BeforeJson, r.AfterJson,
                r.Address, r.CorrelationId, r.PreviousHash, r.Hash,
            ];
            await text.WriteAsync((string.Join(',', cells.Select(CsvCell.Of)) + "\r\n").AsMemory(), cancel);
        }
    }

    private static void Write(Utf8JsonWriter json, AuditRecord record, AuditHasher hasher)
    {
        json.WriteStartObject();
        json.WriteNumber("seq", record.Seq);
        json.WriteString("at", Time(record.At));
        json.WriteString("actor", record.Actor);
        json.WriteString("actor_kind", record.ActorKind);
        json.WriteString("act", record.Act);
        json.WriteString("target", record.Target);
        json.WriteString("reason", record.Reason);
        WriteJson(json, "before", record.BeforeJson);
        WriteJson(json, "after", record.AfterJson);
        json.WriteString("address", record.Address);
        json.WriteString("correlation_id", record.CorrelationId);
        json.WriteString("previous_hash", record.PreviousHash);
        json.WriteString("hash", record.Hash);
        json.WriteString("hashed", hasher.Text(record));
        json.WriteEndObject();
    }

    /// <summary>As JSON where it is; a record that somebody has tampered with goes out as it stands.</summary>
    private static void WriteJson(Utf8JsonWriter json, string name, string? text)
    {
        try
        {
            var element = JsonText.Element(text);
            json.WritePropertyName(name);
            if (element is { } value)
            {
                value.WriteTo(json);
            }
            else
            {
                json.WriteNullValue();
            }
        }
        catch (JsonException)
        {
            json.WriteString(name, text);
        }
    }

    private static async Task PassOnAsync(MemoryStream portion, Stream to, CancellationToken cancel)
    {
        await to.WriteAsync(portion.GetBuffer().AsMemory(0, (int)portion.Length), cancel);
        await to.FlushAsync(cancel);
        portion.SetLength(0);
    }

    private static string Time(DateTimeOffset at) => at.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.ffffff'Z'", CultureInfo.InvariantCulture);
}

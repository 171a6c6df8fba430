using System.Buffers.Text;
using System.Globalization;
using System.Text.Json;

namespace Handrail.Telemetry;

/// <summary>
/// Turns an Export…ServiceRequest in OTLP/JSON into the same request in protobuf, so that both encodings are read by
/// the same code. Ids are hex (not base64, as in protobuf's own JSON), 64-bit numbers text or numbers, enums numbers or
/// names, members by either of their names.
/// </summary>
internal ref struct JsonRequest
{
    /// <summary>Values nested deeper are not followed; the reader cuts them earlier still.</summary>
    private const int MaxDepth = 64;

    private static readonly JsonReaderOptions Options = new() { MaxDepth = 1 << 20 };

    private readonly WireWriter _writer;
    private readonly List<string> _rejections = [];
    private Utf8JsonReader _reader;
    private byte[] _unescaped = new byte[256];
    private bool _inRecord;
    private string? _problem;

    private JsonRequest(ReadOnlySpan<byte> json, WireWriter writer)
    {
        _reader = new Utf8JsonReader(json, Options);
        _writer = writer;
    }

    /// <summary>The request in protobuf, to be disposed of when it is read, and the reason of each record that was left out.</summary>
    /// <exception cref="OtlpFormatException">It is no JSON, or not of the request's shape outside of the records.</exception>
    public static (WireWriter Protobuf, IReadOnlyList<string> Rejections) Transcode(ReadOnlySpan<byte> json, OtlpShape shape)
    {
        if (json.StartsWith("\uFEFF"u8))
            json = json[3..];

        // Text takes more room than the same in protobuf, but for the lengths' padding.
        var writer = new WireWriter(json.Length);
        try
        {
            var request = new JsonRequest(json, writer);
            request._reader.Read();
            if (request._reader.TokenType != JsonTokenType.StartObject)
                throw new OtlpFormatException("The body is not a JSON object.");
            request.Members(shape, 0);
            request._reader.Read();
            return (writer, request._rejections);
        }
        catch (JsonException broken)
        {
            writer.Dispose();
            throw new OtlpFormatException("The body is not JSON.", broken);
        }
        catch
        {
            writer.Dispose();
            throw;
        }
    }

    /// <summary>Reads the members of the object that is open.</summary>
    private void Members(OtlpShape shape, int depth)
    {
        while (_reader.Read() && _reader.TokenType != JsonTokenType.EndObject)
        {
            OtlpField? field = shape.Find(JsonString.Read(in _reader, ref _unescaped));
            _reader.Read();
            if (field is null)
                _reader.Skip();
            else if (_reader.TokenType != JsonTokenType.Null)
                Member(field, depth);
        }
    }

    private void Member(OtlpField field, int depth)
    {
        switch (field.Kind)
        {
            case FieldKind.Message:
                Message(field, depth);
                break;
            case FieldKind.Messages:
                Messages(field, depth);
                break;
            case var _ when _reader.TokenType is JsonTokenType.StartObject or JsonTokenType.StartArray:
                WrongType();
                break;
            case FieldKind.Text:
                _writer.WriteBytes(field.Number, JsonString.Read(in _reader, ref _unescaped));
                break;
            case FieldKind.HexId:
                HexId(field.Number);
                break;
            case FieldKind.Time:
                Time(field.Number);
                break;
            case FieldKind.Number:
                Number(field);
                break;
            case FieldKind.Integer:
                Integer(field.Number);
                break;
            case FieldKind.Real:
                Real(field.Number);
                break;
            case FieldKind.Boolean:
                _writer.WriteVarint(field.Number, JsonString.Read(in _reader, ref _unescaped).SequenceEqual("true"u8) ? 1UL : 0UL);
                break;
            case FieldKind.Base64:
                Base64(field.Number);
                break;
        }
    }

    private void Messages(OtlpField field, int depth)
    {
        if (_reader.TokenType != JsonTokenType.StartArray)
        {
            WrongType();
            return;
        }

        while (_reader.Read() && _reader.TokenType != JsonTokenType.EndArray)
        {
            if (_reader.TokenType == JsonTokenType.Null)
                continue;
            if (field.Shape!.IsRecord)
                Record(field, depth);
            else
                Message(field, depth);
        }
    }

    private void Message(OtlpField field, int depth)
    {
        if (_reader.TokenType != JsonTokenType.StartObject)
        {
            WrongType();
            return;
        }

        int start = _writer.BeginMessage(field.Number);
        if (depth < MaxDepth)
            Members(field.Shape!, depth + 1);
        else
            _reader.Skip();
        _writer.EndMessage(start);
    }

    /// <summary>A record that is not of its shape is left out alone.</summary>
    private void Record(OtlpField field, int depth)
    {
        int before = _writer.Position;
        _inRecord = true;
        _problem = null;
        Message(field, depth);
        _inRecord = false;
        if (_problem is null)
            return;
        _writer.BackTo(before);
        _rejections.Add(_problem);
    }

    private void WrongType()
    {
        if (!_inRecord)
            throw new OtlpFormatException("A member of the request has the wrong type.");
        _problem ??= "a member of a record has the wrong type";
        _reader.Skip();
    }

    /// <summary>What is no hex is written as one byte, which no id has, so that the record is rejected as for a wrong size.</summary>
    private void HexId(int number)
    {
        Span<byte> id = stackalloc byte[16];
        ReadOnlySpan<byte> hex = JsonString.Read(in _reader, ref _unescaped);
        bool isHex = hex.Length <= 32 && hex.Length % 2 == 0 && _reader.TokenType == JsonTokenType.String;
        for (int i = 0; isHex && i < hex.Length / 2; i++)
        {
            isHex = Utf8Parser.TryParse(hex.Slice(2 * i, 2), out byte value, out int digits, 'x') && digits == 2;
            id[i] = value;
        }

        _writer.WriteBytes(number, id[..(isHex ? hex.Length / 2 : 1)]);
    }

    private void Time(int number)
    {
        ReadOnlySpan<byte> text = JsonString.Read(in _reader, ref _unescaped);
        if (ulong.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out ulong time))
            _writer.WriteFixed64(number, time);
        else if (Decimal(text) is >= 0 and <= ulong.MaxValue and decimal rounded)
            _writer.WriteFixed64(number, (ulong)rounded);
        else if (!text.IsEmpty)
            _problem ??= "a time is not a number of nanoseconds";
    }

    private void Number(OtlpField field)
    {
        ReadOnlySpan<byte> text = JsonString.Read(in _reader, ref _unescaped);
        if (Decimal(text) is >= 0 and <= int.MaxValue and decimal value)
            _writer.WriteVarint(field.Number, (ulong)value);
        else if (field.Names!.TryGetValue(System.Text.Encoding.UTF8.GetString(text[..Math.Min(text.Length, 64)]), out ulong named))
            _writer.WriteVarint(field.Number, named);
    }

    /// <summary>A number that is none, or too large, is kept as text.</summary>
    private void Integer(int number)
    {
        ReadOnlySpan<byte> text = JsonString.Read(in _reader, ref _unescaped);
        if (long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out long value))
            _writer.WriteVarint(number, (ulong)value);
        else if (Decimal(text) is >= long.MinValue and <= long.MaxValue and decimal rounded)
            _writer.WriteVarint(number, (ulong)(long)rounded);
        else
            _writer.WriteBytes(1, text);
    }

    private void Real(int number)
    {
        ReadOnlySpan<byte> text = JsonString.Read(in _reader, ref _unescaped);
        if (double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out double value))
            _writer.WriteFixed64(number, (ulong)BitConverter.DoubleToInt64Bits(value));
        else
            _writer.WriteBytes(1, text);
    }

    private void Base64(int number)
    {
        if (_reader.TokenType == JsonTokenType.String && _reader.TryGetBytesFromBase64(out byte[]? bytes))
            _writer.WriteBytes(number, bytes);
        else
            _writer.WriteBytes(1, JsonString.Read(in _reader, ref _unescaped));
    }

    private static decimal? Decimal(ReadOnlySpan<byte> text) =>
        decimal.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out decimal value) ? value : null;
}

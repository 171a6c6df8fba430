using System.Buffers;
using System.Text.Json;

namespace Handrail.Telemetry;

/// <summary>What reading a request needs and can use again for the next one: one for each thread that reads.</summary>
internal sealed class Scratch
{
    /// <summary>A buffer that grew beyond this for one odd request is given back.</summary>
    private const int MaxKept = 1 << 20;

    private static readonly JsonWriterOptions Options = new()
    {
        Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        SkipValidation = true,
    };

    [ThreadStatic]
    private static Scratch? _current;

    private ArrayBufferWriter<byte> _buffer = new(4096);

    public Scratch() => Json = new Utf8JsonWriter(_buffer, Options);

    public AttributeSet Span { get; } = new();

    public AttributeSet Event { get; } = new();

    public AttributeSet Resource { get; } = new();

    public List<Slice> Events { get; } = [];

    public List<Slice> Links { get; } = [];

    public TextPool Texts { get; } = new();

    public Utf8JsonWriter Json { get; private set; }

    /// <summary>The thread's own, taken out of its place while in use.</summary>
    public static Scratch Rent()
    {
        Scratch scratch = _current ?? new Scratch();
        _current = null;
        return scratch;
    }

    public void Return() => _current = this;

    /// <summary>Begins a new JSON text.</summary>
    public Utf8JsonWriter BeginJson()
    {
        if (_buffer.Capacity > MaxKept)
        {
            _buffer = new ArrayBufferWriter<byte>(4096);
            Json = new Utf8JsonWriter(_buffer, Options);
        }
        else
        {
            _buffer.ResetWrittenCount();
            Json.Reset(_buffer);
        }

        return Json;
    }

    /// <summary>The JSON text written since <see cref="BeginJson"/>; good until the next one begins.</summary>
    public ReadOnlySpan<byte> EndJson()
    {
        Json.Flush();
        return _buffer.WrittenSpan;
    }
}

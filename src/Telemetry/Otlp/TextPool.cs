using System.Text;

namespace Handrail.Telemetry;

/// <summary>
/// Turns UTF-8 into strings. Short texts that come again and again (models, agents, tools, span names) are made once.
/// Bytes that are no UTF-8 become U+FFFD, and so does U+0000, which PostgreSQL can't store.
/// </summary>
internal sealed class TextPool
{
    /// <summary>A longer text is cut here, with a mark: what one attribute may cost in memory.</summary>
    public const int MaxBytes = 64 * 1024;

    private const int Entries = 512;
    private const int MaxPooled = 64;

    private readonly (byte[] Utf8, string Text)[] _entries = new (byte[], string)[Entries];

    public string Get(ReadOnlySpan<byte> utf8)
    {
        if (utf8.IsEmpty)
            return "";
        if (utf8.Length > MaxPooled)
            return Decode(utf8);

        var hash = new HashCode();
        hash.AddBytes(utf8);
        ref (byte[] Utf8, string Text) entry = ref _entries[(uint)hash.ToHashCode() % Entries];
        if (entry.Utf8 is null || !utf8.SequenceEqual(entry.Utf8))
            entry = (utf8.ToArray(), Decode(utf8));
        return entry.Text;
    }

    /// <summary>The text, cut at <see cref="MaxBytes"/> with a mark that says how long it was.</summary>
    public static string Decode(ReadOnlySpan<byte> utf8)
    {
        if (utf8.Length <= MaxBytes)
            return Clean(utf8);
        return $"{Clean(utf8[..Cut(utf8, MaxBytes)])}… [truncated, {utf8.Length} bytes]";
    }

    /// <summary>The largest length up to <paramref name="most"/> that does not cut a character in two.</summary>
    public static int Cut(ReadOnlySpan<byte> utf8, int most)
    {
        if (utf8.Length <= most)
            return utf8.Length;
        int cut = most;
        while (cut > most - 4 && (utf8[cut] & 0xC0) == 0x80)
            cut--;
        return cut;
    }

    private static string Clean(ReadOnlySpan<byte> utf8)
    {
        string text = Encoding.UTF8.GetString(utf8);
        return utf8.Contains((byte)0) ? text.Replace('\0', '\uFFFD') : text;
    }
}

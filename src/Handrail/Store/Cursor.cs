using System.Buffers.Text;
using System.Globalization;
using System.Text;

namespace Handrail.Store;

/// <summary>Where a page ended, by key and never by offset; opaque to callers.</summary>
public static class Cursor
{
    public static string Of(DateTimeOffset at, string id) => Of(TimeColumns.ToMicros(at), id);

    public static string Of(long key, string id) => Base64Url.EncodeToString(Encoding.UTF8.GetBytes(FormattableString.Invariant($"{key} {id}")));

    /// <exception cref="Refusal">The text is no cursor of ours.</exception>
    public static (DateTimeOffset At, string Id) Read(string cursor)
    {
        var (key, id) = ReadNumber(cursor);
        return TimeColumns.IsTime(key) ? (TimeColumns.FromMicros(key), id) : throw Refusal.Invalid("cursor", "is none that a page gave out.");
    }

    /// <exception cref="Refusal">The text is no cursor of ours.</exception>
    public static (long Key, string Id) ReadNumber(string cursor)
    {
        try
        {
            var parts = Encoding.UTF8.GetString(Base64Url.DecodeFromChars(cursor)).Split(' ', 2);
            return (long.Parse(parts[0], CultureInfo.InvariantCulture), parts[1]);
        }
        catch (Exception e) when (e is FormatException or OverflowException or IndexOutOfRangeException or ArgumentOutOfRangeException)
        {
            throw Refusal.Invalid("cursor", "is none that a page gave out.");
        }
    }
}

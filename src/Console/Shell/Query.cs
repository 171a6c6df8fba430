using System.Globalization;
using Handrail.Store;
using Microsoft.Net.Http.Headers;

namespace Handrail.Shell;

/// <summary>What stands in a query string or a header, read so that an error names it.</summary>
public static class Query
{
    public static long Integer(string name, string? text, long otherwise, long least = 0, long most = long.MaxValue)
    {
        if (text is null)
        {
            return otherwise;
        }

        return long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var value) && value >= least && value <= most
            ? value
            : throw Refusal.Invalid(name, FormattableString.Invariant($"must be a whole number from {least} to {most}."));
    }

    /// <summary>Seconds to hold a call for; 0 unless said.</summary>
    public static TimeSpan Wait(string? text) => TimeSpan.FromSeconds(
        text is null ? 0
        : double.TryParse(text, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var seconds) && seconds is >= 0 and <= 3600 ? seconds
        : throw Refusal.Invalid("wait", "must be seconds from 0 to 3600."));

    public static decimal? Number(string name, string? text) =>
        text is null ? null
        : decimal.TryParse(text, NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var value) ? value
        : throw Refusal.Invalid(name, "must be a number.");

    public static bool Flag(string name, string? text) => text switch
    {
        null or "" or "false" or "0" => false,
        "true" or "1" => true,
        _ => throw Refusal.Invalid(name, "must be true or false."),
    };

    public static DateTimeOffset? Time(string name, string? text) =>
        text is null ? null
        : DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var value) ? value
        : throw Refusal.Invalid(name, "must be a time, such as 2026-01-01T12:00:00Z.");

    public static T? Word<T>(string name, string? text)
        where T : struct, Enum =>
        text is null ? null
        : EnumText<T>.TryParse(text, out var value) ? value
        : throw Refusal.Invalid(name, $"must be one of {string.Join(", ", EnumText<T>.All)}.");

    /// <summary>The version a caller saw, from <c>If-Match</c>; null when it said none, or <c>*</c>.</summary>
    public static long? IfMatch(HttpContext context)
    {
        string? text = context.Request.Headers.IfMatch;
        if (string.IsNullOrWhiteSpace(text) || text.Trim() == "*")
        {
            return null;
        }

        return EntityTagHeaderValue.TryParse(text, out var tag) && long.TryParse(tag.Tag.AsSpan().Trim('"'), NumberStyles.None, CultureInfo.InvariantCulture, out var version)
            ? version
            : long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out version) ? version
            : throw Refusal.Invalid("If-Match", "must be a version in quotes, such as \"3\".");
    }
}

using System.Globalization;

namespace Handrail.Shell.Display;

/// <summary>Figures as every page writes them: one format, whatever the browser's language, so that 1,000.00 is never 1.000,00.</summary>
public static class Figures
{
    /// <summary>Shown where nothing is known. Never zero.</summary>
    public const string Unknown = "–";

    private static readonly CultureInfo Culture = CultureInfo.InvariantCulture;

    /// <summary>ISO 4217 currencies whose smallest unit is not a hundredth, with their digits.</summary>
    private static readonly Dictionary<string, int> Digits = new(StringComparer.Ordinal)
    {
        ["BIF"] = 0, ["CLP"] = 0, ["DJF"] = 0, ["GNF"] = 0, ["ISK"] = 0, ["JPY"] = 0, ["KMF"] = 0, ["KRW"] = 0, ["PYG"] = 0, ["RWF"] = 0,
        ["UGX"] = 0, ["VND"] = 0, ["VUV"] = 0, ["XAF"] = 0, ["XOF"] = 0, ["XPF"] = 0,
        ["BHD"] = 3, ["IQD"] = 3, ["JOD"] = 3, ["KWD"] = 3, ["LYD"] = 3, ["OMR"] = 3, ["TND"] = 3,
    };

    /// <summary>An amount to the currency's smallest unit, or as exactly as it came when that is finer: <c>1,240.50 USD</c>.</summary>
    public static string Money(decimal? amount, string? currency)
    {
        if (amount is not { } figure)
        {
            return Unknown;
        }

        var digits = currency is not null && Digits.TryGetValue(currency, out var special) ? special : 2;
        var exact = (figure / 1.0000000000000000000000000000m).Scale;
        return $"{figure.ToString("N" + Math.Max(digits, exact), Culture)} {currency ?? "(no currency)"}";
    }

    /// <summary>A cost kept in billionths of a US dollar; one too small for the digits is said to be that, since it is not nothing.</summary>
    public static string Cost(long nanos, int digits = 4) => Usd(nanos / 1_000_000_000m, digits);

    /// <summary>The same of US dollars.</summary>
    public static string Usd(decimal usd, int digits = 2)
    {
        var least = 1m / (decimal)Math.Pow(10, digits);
        return usd > 0 && decimal.Round(usd, digits) == 0 ? $"< {least.ToString("N" + digits, Culture)} USD" : $"{usd.ToString("N" + digits, Culture)} USD";
    }

    public static string Count(long count) => count.ToString("N0", Culture);

    /// <summary>A count cut to three figures: <c>12.3k</c>, <c>1.2M</c>.</summary>
    public static string Short(long count) => Math.Abs(count) switch
    {
        < 1_000 => count.ToString(Culture),
        < 9_950 => (count / 1_000m).ToString("0.0", Culture) + "k",
        < 999_500 => (count / 1_000m).ToString("0", Culture) + "k",
        < 9_950_000 => (count / 1_000_000m).ToString("0.0", Culture) + "M",
        < 999_500_000 => (count / 1_000_000m).ToString("0", Culture) + "M",
        _ => (count / 1_000_000_000m).ToString("0.0", Culture) + "G",
    };

    /// <summary>A size in powers of a thousand, as disks are sold: <c>512 kB</c>, <c>1.2 GB</c>.</summary>
    public static string Bytes(double bytes)
    {
        string[] units = ["B", "kB", "MB", "GB", "TB", "PB"];
        var unit = 0;
        while (Math.Abs(bytes) >= 999.5 && unit < units.Length - 1)
        {
            (bytes, unit) = (bytes / 1_000, unit + 1);
        }

        return $"{bytes.ToString(unit > 0 && Math.Abs(bytes) < 9.95 ? "0.0" : "0", Culture)} {units[unit]}";
    }

    public static string Percent(double share) => (share * 100).ToString("0.#", Culture) + " %";

    /// <summary>A length of time in its two largest units at most: <c>850 ms</c>, <c>2.4 s</c>, <c>3 min 5 s</c>, <c>2 h 10 min</c>, <c>4 d 3 h</c>.</summary>
    public static string Length(TimeSpan time)
    {
        if (time < TimeSpan.Zero)
        {
            time = TimeSpan.Zero;
        }

        return time.TotalSeconds switch
        {
            < 1 => $"{time.TotalMilliseconds.ToString("0", Culture)} ms",
            < 10 => $"{(Math.Floor(time.TotalSeconds * 10) / 10).ToString("0.0", Culture)} s",
            < 60 => $"{(int)time.TotalSeconds} s",
            < 3_600 => Two(time.Minutes, "min", time.Seconds, "s"),
            < 86_400 => Two(time.Hours, "h", time.Minutes, "min"),
            _ => Two(time.Days, "d", time.Hours, "h"),
        };
    }

    /// <summary>How far a moment is from now, in one unit: <c>just now</c>, <c>12 s ago</c>, <c>in 3 min</c>.</summary>
    public static string Relative(DateTimeOffset at, DateTimeOffset now)
    {
        var away = (now - at).Duration();
        if (away < TimeSpan.FromSeconds(2))
        {
            return "just now";
        }

        var one = away.TotalSeconds switch
        {
            < 60 => $"{(int)away.TotalSeconds} s",
            < 3_600 => $"{(int)away.TotalMinutes} min",
            < 86_400 => $"{(int)away.TotalHours} h",
            _ => $"{(int)away.TotalDays} d",
        };
        return at <= now ? one + " ago" : "in " + one;
    }

    /// <summary>The moment itself, to the second, with its offset.</summary>
    public static string Exact(DateTimeOffset at, TimeZoneInfo zone) =>
        TimeZoneInfo.ConvertTime(at, zone).ToString("yyyy-MM-dd HH:mm:ss 'UTC'zzz", Culture);

    private static string Two(int large, string largeUnit, int small, string smallUnit) =>
        small == 0 ? $"{large} {largeUnit}" : $"{large} {largeUnit} {small} {smallUnit}";
}

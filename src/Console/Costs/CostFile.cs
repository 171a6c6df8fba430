using System.Globalization;
using System.Text;
using Handrail.Shell.Display;
using Handrail.Store;

namespace Handrail.Costs;

/// <summary>What was spent as CSV (RFC 4180, UTF-8): a row for every day, or hour, and name.</summary>
public static class CostFile
{
    public static async Task WriteAsync(Stream to, SpendBy by, SpendRange range, IReadOnlyList<(SpendBucket Bucket, SpendLine Line)> cells, CancellationToken cancel)
    {
        await using var text = new StreamWriter(to, new UTF8Encoding(encoderShouldEmitUTF8Identifier: true), leaveOpen: true);
        await text.WriteAsync($"{(range.ByHour ? "hour" : "day")},{by.Text()},cost_usd,unpriced_calls,calls,input_tokens,output_tokens,cached_tokens,cache_write_tokens\r\n".AsMemory(), cancel);
        foreach (var (bucket, line) in cells)
        {
            var at = range.ByHour
                ? TimeZoneInfo.ConvertTime(bucket.Start, range.Zone).ToString("yyyy-MM-dd'T'HH:mmzzz", CultureInfo.InvariantCulture)
                : bucket.Day.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);
            var (key, sum) = (line.Key, line.Sum);
            object?[] cellsOfRow = [at, key, sum.Usd, sum.Unpriced, sum.Calls, sum.InputTokens, sum.OutputTokens, sum.CachedTokens, sum.WrittenTokens];
            await text.WriteAsync(
                (string.Join(',', cellsOfRow.Select(c => CsvCell.Of(c is IFormattable figure ? figure.ToString(null, CultureInfo.InvariantCulture) : c as string))) + "\r\n").AsMemory(), cancel);
        }
    }
}

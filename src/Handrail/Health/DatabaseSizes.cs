using Handrail.Access;
using Handrail.Store;
using Microsoft.EntityFrameworkCore;

namespace Handrail.Health;

/// <summary>Writes down how large the database is, once an hour over all processes, so that one sees how it grows.</summary>
public sealed class DatabaseSizes(HandrailStore store, TimeProvider time)
{
    private const string Key = "health.sizes";

    private static readonly TimeSpan Every = TimeSpan.FromHours(1);
    private static readonly TimeSpan Kept = TimeSpan.FromDays(8);

    /// <summary>What growth is counted over: long enough for weekends to be in it.</summary>
    private static readonly TimeSpan Window = TimeSpan.FromDays(7);

    /// <returns>True when this was written down; false when the last time was less than an hour ago.</returns>
    public async Task<bool> NoteAsync(long bytes, CancellationToken cancel)
    {
        var now = time.GetUtcNow();
        if (await store.ReadAsync(db => SamplesAsync(db, cancel), cancel) is [.., var last] && now - last.At < Every)
        {
            return false;
        }

        return await store.WriteAsync(
            async unit =>
            {
                var row = await unit.Db.LockSettingAsync(Key, cancel);
                var samples = JsonText.Read<List<Sample>>(row?.Json) ?? [];
                if (samples is [.., var before] && unit.Now - before.At < Every)
                {
                    return false;
                }

                samples.RemoveAll(s => unit.Now - s.At > Kept);
                samples.Add(new Sample(unit.Now, bytes));
                unit.Set(row, Key, JsonText.Of(samples), Caller.System.Name);
                return true;
            },
            cancel);
    }

    /// <summary>Bytes by which it grows a day; null as long as that is not known.</summary>
    /// <param name="bytes">Its size now.</param>
    internal async Task<double?> GrowthAsync(HandrailDb db, long bytes, CancellationToken cancel)
    {
        var now = time.GetUtcNow();
        var first = (await SamplesAsync(db, cancel)).Find(s => now - s.At <= Window);
        return first is not null && now - first.At >= Every ? (bytes - first.Bytes) / (now - first.At).TotalDays : null;
    }

    private static async Task<List<Sample>> SamplesAsync(HandrailDb db, CancellationToken cancel) =>
        JsonText.Read<List<Sample>>(await db.Settings.Where(s => s.Key == Key).Select(s => s.Json).SingleOrDefaultAsync(cancel)) ?? [];

    private sealed record Sample(DateTimeOffset At, long Bytes);
}

using Handrail.Access;
using Handrail.Notify;
using Handrail.Store;
using Microsoft.EntityFrameworkCore;

namespace Handrail.Health;

/// <summary>A part of the console that does not do its work.</summary>
/// <param name="Id">Of the part: what is wrong with it is told once, however often it is seen.</param>
/// <param name="Title">Of the part, in words.</param>
/// <param name="Figure">How it stands, in our own words.</param>
public sealed record Ailment(string Id, string Title, string Figure);

/// <summary>
/// Tells people of what ails the console, by the same rules as of everything else: when it begins, and when no process has seen it for a while. Which
/// ailments there are stands in one row, so that a process which does well does not end the alert of one that doesn't, and one that ended leaves none behind.
/// </summary>
public sealed class TellAilments(HandrailStore store)
{
    /// <summary>What nobody has seen for so long is over.</summary>
    public static readonly TimeSpan Over = TimeSpan.FromMinutes(1);

    private const string Key = "health.ailments";

    /// <param name="seen">All that this process sees now.</param>
    public async Task HandleAsync(IReadOnlyCollection<Ailment> seen, CancellationToken cancel)
    {
        if (seen.Count == 0 && (await store.ReadAsync(async db => Read(await db.Settings.SingleOrDefaultAsync(s => s.Key == Key, cancel)), cancel)).Count == 0)
        {
            return;
        }

        await store.WriteAsync(unit => TellAsync(unit, seen, cancel), cancel);
    }

    private static async Task TellAsync(UnitOfWork unit, IReadOnlyCollection<Ailment> seen, CancellationToken cancel)
    {
        var row = await unit.Db.LockSettingAsync(Key, cancel);
        var known = Read(row);
        foreach (var ailment in seen)
        {
            // Whoever said that it is over, while it is not, is not told again.
            if (known.TryAdd(ailment.Id, unit.Now))
            {
                var notice = Notices.New(NoticeKind.ConsoleUnwell, Cause(ailment.Id));
                (notice.Subject, notice.Figure) = (ailment.Title, ailment.Figure);
                await Notices.RaiseAsync(unit, notice, cancel);
            }

            known[ailment.Id] = unit.Now;
        }

        foreach (var id in known.Where(k => unit.Now - k.Value >= Over).Select(k => k.Key).ToList())
        {
            known.Remove(id);
            await Alerts.ResolveAsync(unit, Cause(id), Caller.System.Name, cancel);
        }

        unit.Set(row, Key, JsonText.Of(known), Caller.System.Name);
    }

    private static string Cause(string id) => $"console:{id}";

    /// <summary>When each was last seen.</summary>
    private static Dictionary<string, DateTimeOffset> Read(Setting? row) => JsonText.Read<Dictionary<string, DateTimeOffset>>(row?.Json) ?? [];
}

using System.Security.Cryptography;
using Handrail.Access;
using Handrail.Audit;
using Handrail.Handoffs;
using Handrail.Live;
using Handrail.Notify;
using Handrail.Store;
using Microsoft.EntityFrameworkCore;

namespace Handrail.Attention;

/// <summary>How often a case that is known to be bad is put among the others.</summary>
/// <param name="PerDay">So many a day, at times that nobody can guess; 0 for none.</param>
/// <param name="NextAt">When the next one comes; told to nobody.</param>
public sealed record PlantSettings(int PerDay, DateTimeOffset? NextAt);

/// <summary>
/// Puts cases among the others that were rejected before, to see whether they are rejected again. Off until an administrator wants it. A planted case has no
/// action: whatever is decided on it, nothing can be carried out, and once it is decided it says what it was.
/// </summary>
public sealed class PlantCases(HandrailStore store, TimeProvider time)
{
    public const int MostPerDay = 20;

    private const string Key = "attention";
    private const int ChosenFrom = 200;
    private static readonly TimeSpan Past = TimeSpan.FromDays(90);

    public Task<int> PerDayAsync(Caller caller, CancellationToken cancel) => store.ReadAsync(
        async db =>
        {
            caller.Demand(Permission.Administer);
            return Read(await db.Settings.SingleOrDefaultAsync(s => s.Key == Key, cancel)).PerDay;
        },
        cancel);

    /// <exception cref="Refusal">The caller is no administrator, or that is too many.</exception>
    public Task SetAsync(Caller caller, int perDay, CancellationToken cancel)
    {
        caller.Demand(Permission.Administer);
        if (perDay is < 0 or > MostPerDay)
        {
            throw Refusal.Invalid("planted_per_day", $"must be from 0 to {MostPerDay}.");
        }

        return store.WriteAsync(
            async unit =>
            {
                var row = await unit.Db.LockSettingAsync(Key, cancel);
                var before = Read(row);
                unit.Set(row, Key, JsonText.Of(new PlantSettings(perDay, perDay == 0 ? null : unit.Now + Pause(perDay))), caller.Name);
                unit.Record(new AuditEntry(caller, "settings.attention", "settings:attention") { Before = new { planted_per_day = before.PerDay }, After = new { planted_per_day = perDay } });
            },
            cancel);
    }

    /// <summary>Plants one when its time has come. Several consoles may look: one plants.</summary>
    /// <returns>The planted handoff's id; null when it is not time, or nothing was rejected lately.</returns>
    public async Task<string?> HandleAsync(CancellationToken cancel)
    {
        var settings = await store.ReadAsync(async db => Read(await db.Settings.SingleOrDefaultAsync(s => s.Key == Key, cancel)), cancel);
        if (settings.PerDay == 0 || settings.NextAt > time.GetUtcNow())
        {
            return null;
        }

        return await store.WriteAsync(
            async unit =>
            {
                var row = await unit.Db.LockSettingAsync(Key, cancel);
                var now = Read(row);
                if (now.PerDay == 0 || now.NextAt > unit.Now)
                {
                    return null;
                }

                unit.Set(row, Key, JsonText.Of(now with { NextAt = unit.Now + Pause(now.PerDay) }), Caller.System.Name);
                return await PlantAsync(unit, cancel);
            },
            cancel);
    }

    private static async Task<string?> PlantAsync(UnitOfWork unit, CancellationToken cancel)
    {
        var since = unit.Now - Past;
        var rejected = await unit.Db.Handoffs.AsNoTracking()
            .Where(h => h.DecidedAt >= since && h.Status == HandoffStatus.Rejected && h.Kind == HandoffKind.Approval && h.PlantedFrom == null
                && !unit.Db.Handoffs.Any(p => p.PlantedFrom == h.Id && p.OpenedAt >= since))
            .OrderByDescending(h => h.DecidedAt).Take(ChosenFrom).ToListAsync(cancel);
        if (rejected.Count == 0)
        {
            return null;
        }

        var like = rejected[RandomNumberGenerator.GetInt32(rejected.Count)];
        var planted = new Handoff
        {
            Id = $"h-{Guid.CreateVersion7():n}",
            Team = like.Team,
            Kind = HandoffKind.Approval,
            SessionId = like.SessionId,
            Agent = like.Agent,
            User = like.User,

            // Names no action: a card shows one, and nothing is behind it.
            ActionId = $"a-{Guid.CreateVersion7():n}",
            Type = like.Type,
            Summary = like.Summary,
            Amount = like.Amount,
            Currency = like.Currency,
            Vendor = like.Vendor,
            Category = like.Category,
            Risk = like.Risk,
            Confidence = like.Confidence,
            ArgumentsJson = like.ArgumentsJson,
            ReasonsJson = like.ReasonsJson,
            Reasoning = like.Reasoning,
            CitationsJson = like.CitationsJson,
            ChecksJson = like.ChecksJson,
            ForbidSelfApproval = like.ForbidSelfApproval,
            OnTimeout = "reject",
            TimeoutSeconds = like.TimeoutSeconds,
            OpenedAt = unit.Now,
            ExpiresAt = unit.Now + TimeSpan.FromSeconds(like.TimeoutSeconds > 0 ? like.TimeoutSeconds : 14_400),
            PlantedFrom = like.Id,
        };
        unit.Db.Handoffs.Add(planted);
        Notices.Opened(unit, planted);
        unit.Record(new AuditEntry(Caller.System, "handoff.plant", $"handoff:{planted.Id}") { After = new { from = like.Id } });
        unit.Tell(HintKind.Handoff, planted.Id);
        return planted.Id;
    }

    private static PlantSettings Read(Setting? row) => JsonText.Read<PlantSettings>(row?.Json) ?? new PlantSettings(0, null);

    /// <summary>From half of the mean pause to one and a half of it.</summary>
    private static TimeSpan Pause(int perDay) => TimeSpan.FromDays(1) / perDay * (0.5 + (RandomNumberGenerator.GetInt32(1_000) / 1_000.0));
}

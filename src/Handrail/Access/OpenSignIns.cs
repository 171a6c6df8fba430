using Handrail.Audit;
using Handrail.Store;
using Microsoft.AspNetCore.Identity;
using Microsoft.EntityFrameworkCore;

namespace Handrail.Access;

/// <summary>How long a sign-in holds, from the section <c>SignIn</c>.</summary>
public sealed record SignInLimits
{
    private static readonly TimeSpan Shortest = TimeSpan.FromMinutes(5);

    /// <summary>From the last time that a page was open or fetched: a working day.</summary>
    public TimeSpan Idle { get; init; } = TimeSpan.FromHours(10);

    /// <summary>From signing in, whatever is done meanwhile.</summary>
    public TimeSpan Longest { get; init; } = TimeSpan.FromDays(7);

    /// <exception cref="InvalidOperationException">Nobody could work with it; the message names the setting.</exception>
    public SignInLimits Check() =>
        Idle < Shortest ? throw new InvalidOperationException($"SignIn:Idle is {Idle}; it must be at least {Shortest}.")
        : Longest < Idle ? throw new InvalidOperationException($"SignIn:Longest is {Longest}; it must be at least SignIn:Idle, which is {Idle}.")
        : this;
}

/// <summary>A sign-in that is open.</summary>
/// <param name="Browser">As it calls itself: hostile text.</param>
/// <param name="By">What the person showed: <c>password</c>, <c>password and authenticator</c>, <c>openid_connect</c>.</param>
public sealed record OpenSignIn(string Id, DateTimeOffset Since, DateTimeOffset LastSeen, string? Address, string? Browser, string? By)
{
    /// <summary>The person's security stamp then: once it has moved on, the cookie holds no longer.</summary>
    public string? Stamp { get; init; }
}

/// <summary>Something that happened at the door, as it is on record.</summary>
public sealed record SignInEvent(DateTimeOffset At, string Act, string? Address);

/// <summary>
/// The sign-ins that a person has open: a cookie holds as long as its sign-in stands here, so that whoever has a copy of one that was ended is refused. They are kept
/// with what the person signs in by.
/// </summary>
public sealed class OpenSignIns(HandrailStore store, SignInLimits limits, TimeProvider time)
{
    private const string Provider = "handrail:open";
    private const int LongestBrowser = 300;
    private const int EventsShown = 10;

    /// <summary>How exact the time of last use is, so that not every request writes.</summary>
    private static readonly TimeSpan SeenGrain = TimeSpan.FromMinutes(1);

    private static readonly string[] Events =
        ["person.sign_in", "person.sign_in_failed", "person.code_failed", "person.recovery_code_used", "person.locked_out", "person.change_password_failed", "person.second_factor_failed"];

    /// <summary>Opens one, whose person has been proven. Those that have run out are cleared away.</summary>
    public Task BeginAsync(string personId, string id, string by, string? address, string? browser, CancellationToken cancel) => store.WriteAsync(
        async unit =>
        {
            var rows = await Of(unit.Db, personId).ToListAsync(cancel);
            var stamp = await unit.Db.Users.Where(p => p.Id == personId).Select(p => p.SecurityStamp).SingleAsync(cancel);
            unit.Db.UserTokens.RemoveRange(rows.Where(r => Read(r) is not { } open || open.Stamp != stamp || IsOver(open, unit.Now)));
            unit.Db.UserTokens.Add(new IdentityUserToken<string>
            {
                UserId = personId, LoginProvider = Provider, Name = id,
                Value = JsonText.Of(new OpenSignIn(id, unit.Now, unit.Now, address, browser is { Length: > LongestBrowser } ? browser[..LongestBrowser] : browser, by) { Stamp = stamp }),
            });
        },
        cancel);

    /// <summary>True while the sign-in stands: it was not ended, and has not run out. Notes that it was in use.</summary>
    public async Task<bool> HoldsAsync(string? personId, string id, CancellationToken cancel)
    {
        var now = time.GetUtcNow();
        var row = await store.ReadAsync(db => db.UserTokens.SingleOrDefaultAsync(t => t.UserId == personId && t.LoginProvider == Provider && t.Name == id, cancel), cancel);
        if (row is null || Read(row) is not { } open || IsOver(open, now))
        {
            return false;
        }

        if (now - open.LastSeen >= SeenGrain)
        {
            var seen = JsonText.Of(open with { LastSeen = now });
            await store.WriteAsync(
                unit => unit.Db.UserTokens.Where(t => t.UserId == personId && t.LoginProvider == Provider && t.Name == id).ExecuteUpdateAsync(set => set.SetProperty(t => t.Value, seen), cancel),
                cancel);
        }

        return true;
    }

    /// <summary>The caller's own, the last used first.</summary>
    public Task<IReadOnlyList<OpenSignIn>> ListAsync(Caller caller, CancellationToken cancel) => store.ReadAsync<IReadOnlyList<OpenSignIn>>(
        async db =>
        {
            var stamp = await db.Users.Where(p => p.Id == caller.Id).Select(p => p.SecurityStamp).SingleOrDefaultAsync(cancel);
            var rows = await Of(db, caller.Id).ToListAsync(cancel);
            return [.. rows.Select(Read).OfType<OpenSignIn>().Where(o => o.Stamp == stamp && !IsOver(o, time.GetUtcNow())).OrderByDescending(o => o.LastSeen)];
        },
        cancel);

    /// <summary>What happened last at the caller's own door, the newest first, sign-ins that failed too.</summary>
    public Task<IReadOnlyList<SignInEvent>> EventsAsync(Caller caller, CancellationToken cancel) => store.ReadAsync<IReadOnlyList<SignInEvent>>(
        async db => await db.AuditRecords.Where(r => r.Target == $"person:{caller.Name}" && Events.Contains(r.Act)).OrderByDescending(r => r.Seq).Take(EventsShown)
            .Select(r => new SignInEvent(r.At, r.Act, r.Address)).ToListAsync(cancel),
        cancel);

    /// <summary>Ends one of the caller's own, within seconds.</summary>
    /// <exception cref="Refusal">There is none of this id.</exception>
    public Task EndAsync(Caller caller, string id, CancellationToken cancel) => store.WriteAsync(
        async unit =>
        {
            if (await Of(unit.Db, caller.Id).Where(t => t.Name == id).ExecuteDeleteAsync(cancel) == 0)
            {
                throw Refusal.NotFound("such sign-in any more");
            }

            unit.Record(new AuditEntry(caller, "person.sign_out", $"person:{caller.Name}") { Tightens = true });
        },
        cancel);

    /// <summary>Ends all of the caller's own but one.</summary>
    public Task EndOthersAsync(Caller caller, string? keptId, CancellationToken cancel) => store.WriteAsync(
        async unit =>
        {
            var ended = await Of(unit.Db, caller.Id).Where(t => t.Name != keptId).ExecuteDeleteAsync(cancel);
            unit.Record(new AuditEntry(caller, "person.sign_out", $"person:{caller.Name}") { Tightens = true, After = new { others = ended } });
        },
        cancel);

    internal static Task RemoveAsync(UnitOfWork unit, string personId, string id, CancellationToken cancel) => Of(unit.Db, personId).Where(t => t.Name == id).ExecuteDeleteAsync(cancel);

    private static IQueryable<IdentityUserToken<string>> Of(HandrailDb db, string personId) => db.UserTokens.Where(t => t.UserId == personId && t.LoginProvider == Provider);

    private static OpenSignIn? Read(IdentityUserToken<string> row) => JsonText.Read<OpenSignIn>(row.Value);

    private bool IsOver(OpenSignIn open, DateTimeOffset now) => now - open.LastSeen >= limits.Idle || now - open.Since >= limits.Longest;
}

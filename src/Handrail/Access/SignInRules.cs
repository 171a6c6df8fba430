using Handrail.Audit;
using Handrail.Store;
using Microsoft.EntityFrameworkCore;

namespace Handrail.Access;

/// <summary>What signing in takes, as administrators set it.</summary>
/// <param name="RequireSecondFactor">Whoever signs in by password and has no second factor sets one up before anything else is open to them.</param>
public sealed record SignInSettings(bool RequireSecondFactor);

/// <summary>The rules as they stand, with the version that a change must name.</summary>
public sealed record SignInRulesReading(SignInSettings Settings, int Version, DateTimeOffset? ChangedAt, string? ChangedBy);

/// <summary>What administrators demand of who signs in.</summary>
public sealed class SignInRules(HandrailStore store, ProviderSettings provider)
{
    private const string Key = "sign_in";

    private static readonly SignInSettings Default = new(RequireSecondFactor: false);

    /// <exception cref="Refusal">The caller is no administrator.</exception>
    public Task<SignInRulesReading> ReadAsync(Caller caller, CancellationToken cancel) => store.ReadAsync(
        async db =>
        {
            caller.Demand(Permission.Administer);
            return Reading(await db.Settings.SingleOrDefaultAsync(s => s.Key == Key, cancel));
        },
        cancel);

    /// <summary>Sets the rules anew. Pages that are open to somebody who does not meet them end within seconds.</summary>
    /// <param name="version">The version that the caller saw.</param>
    /// <exception cref="Refusal">No right, or somebody was first.</exception>
    public Task<SignInRulesReading> ChangeAsync(Caller caller, SignInSettings settings, int version, CancellationToken cancel)
    {
        caller.Demand(Permission.Administer);
        return store.WriteAsync(
            async unit =>
            {
                var row = await unit.Db.LockSettingAsync(Key, cancel);
                var before = Reading(row);
                if (before.Version != version)
                {
                    throw Refusal.Stale($"The rules for signing in are at version {before.Version} by now.", before);
                }

                row = unit.Set(row, Key, JsonText.Of(settings), caller.Name);
                unit.Record(new AuditEntry(caller, "settings.sign_in", "settings:sign_in")
                {
                    Tightens = settings.RequireSecondFactor && !before.Settings.RequireSecondFactor, Before = before.Settings, After = settings,
                });
                return Reading(row);
            },
            cancel);
    }

    /// <summary>True when the person, who has a password, is to set up a second factor before anything else.</summary>
    public async Task<bool> OwesSecondFactorAsync(HandrailDb db, string? personId, CancellationToken cancel) =>
        provider.LocalPasswords && await db.Settings.AsNoTracking().SingleOrDefaultAsync(s => s.Key == Key, cancel) is { } row && Reading(row).Settings.RequireSecondFactor
        && await db.Users.AnyAsync(p => p.Id == personId && p.PasswordHash != null && !db.SecondFactors.Any(f => f.PersonId == p.Id && f.ConfirmedAt != null), cancel);

    private static SignInRulesReading Reading(Setting? row) => row is null
        ? new SignInRulesReading(Default, 0, null, null)
        : new SignInRulesReading(JsonText.Read<SignInSettings>(row.Json) ?? Default, row.Version, row.ChangedAt, row.ChangedBy);
}

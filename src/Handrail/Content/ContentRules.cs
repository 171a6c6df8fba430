using System.Data.Common;
using System.Text.Json;
using Handrail.Access;
using Handrail.Audit;
using Handrail.Store;
using Handrail.Telemetry;
using Microsoft.EntityFrameworkCore;

namespace Handrail.Content;

/// <summary>
/// The rules for content: read by whatever stores some, changed by administrators. A change holds in this process from its commit on and
/// in others within <see cref="LooksAgain"/>.
/// </summary>
public sealed class ContentRules(HandrailStore store, TimeProvider time)
{
    public static readonly TimeSpan LooksAgain = TimeSpan.FromSeconds(2);

    private const string Key = "content";
    private const int MostPatterns = 200;

    private volatile InForce? _inForce;

    /// <summary>What takes out of content what the rules name.</summary>
    public async ValueTask<Redaction> RedactionAsync(CancellationToken cancel) => (await InForceAsync(cancel)).Redaction;

    public async ValueTask<ContentSettings> SettingsAsync(CancellationToken cancel) => (await InForceAsync(cancel)).Settings;

    /// <summary>As the page of settings shows them.</summary>
    /// <exception cref="Refusal">The caller is no administrator.</exception>
    public Task<ContentReading> ReadAsync(Caller caller, CancellationToken cancel) => store.ReadAsync(
        async db =>
        {
            caller.Demand(Permission.Administer);
            return Reading(await db.Settings.SingleOrDefaultAsync(s => s.Key == Key, cancel));
        },
        cancel);

    /// <summary>Sets the rules anew. What is stored already stays as it is; retention holds for it from its next round on.</summary>
    /// <param name="version">The version that the caller saw.</param>
    /// <exception cref="Refusal">No right, a rule that is none, or somebody was first.</exception>
    public async Task<ContentReading> ChangeAsync(Caller caller, ContentSettings settings, int version, CancellationToken cancel)
    {
        caller.Demand(Permission.Administer);
        Check(settings);
        var reading = await store.WriteAsync(
            async unit =>
            {
                var row = await unit.Db.LockSettingAsync(Key, cancel);
                var before = Reading(row);
                if (before.Version != version)
                {
                    throw Refusal.Stale($"The rules for content are at version {before.Version} by now.", before);
                }

                row = unit.Set(row, Key, JsonSerializer.Serialize(settings, JsonText.Options), caller.Name);
                unit.Record(new AuditEntry(caller, "settings.content", "settings:content") { Before = before.Settings, After = settings });
                return Reading(row);
            },
            cancel);
        _inForce = new InForce(settings, new Redaction(settings.Redaction), reading.Version, time.GetUtcNow());
        return reading;
    }

    private static ContentReading Reading(Setting? row) => row is null
        ? new ContentReading(ContentSettings.Default, 0, null, null)
        : new ContentReading(JsonSerializer.Deserialize<ContentSettings>(row.Json, JsonText.Options)!, row.Version, row.ChangedAt, row.ChangedBy);

    private static void Check(ContentSettings settings)
    {
        foreach (var (name, days) in new[] { ("content_days", settings.ContentDays), ("step_days", settings.StepDays) })
        {
            if (days is < 1 or > ContentSettings.MostDays)
            {
                throw Refusal.Invalid(name, $"must be from 1 to {ContentSettings.MostDays} days, or nothing to keep it for ever.");
            }
        }

        if (settings.Redaction.Patterns.Count > MostPatterns)
        {
            throw Refusal.Invalid("redaction.patterns", $"are more than {MostPatterns}.");
        }

        for (var i = 0; i < settings.Redaction.Patterns.Count; i++)
        {
            try
            {
                RedactionPattern.Parse(settings.Redaction.Patterns[i]);
            }
            catch (FormatException bad)
            {
                throw Refusal.Invalid($"redaction.patterns[{i}]", $"{bad.Message}.");
            }
        }
    }

    private async ValueTask<InForce> InForceAsync(CancellationToken cancel)
    {
        var now = time.GetUtcNow();
        if (_inForce is { } known && now - known.ReadAt < LooksAgain)
        {
            return known;
        }

        ContentReading reading;
        try
        {
            reading = await store.ReadAsync(async db => Reading(await db.Settings.SingleOrDefaultAsync(s => s.Key == Key, cancel)), cancel);
        }
        catch (DbException) when (_inForce is { } last)
        {
            // Nothing can be stored now, nor could the rules have been changed.
            return last;
        }

        var before = _inForce;
        return _inForce = before is null || before.Version < reading.Version
            ? new InForce(reading.Settings, new Redaction(reading.Settings.Redaction), reading.Version, now)
            : before with { ReadAt = now };
    }

    private sealed record InForce(ContentSettings Settings, Redaction Redaction, int Version, DateTimeOffset ReadAt);
}

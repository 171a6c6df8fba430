using System.Security.Cryptography;
using System.Text;
using Handrail.Access;
using Handrail.Store;
using Handrail.Telemetry;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Handrail.Ingest;

/// <summary>How one sender is read, for people.</summary>
public sealed record SenderReading(
    string Id, string Team, string? Service, string? Sdk, string? SdkVersion, DateTimeOffset FirstSeenAt, DateTimeOffset LastSeenAt, SenderCoverage Coverage);

/// <summary>
/// Collects how senders are read, in memory and off the way that telemetry takes to its commit, and writes it down every few seconds: a
/// crash loses the last of these notes, and nothing else.
/// </summary>
public sealed class MappingCoverage(HandrailStore store, TimeProvider time, ILogger<MappingCoverage> log) : BackgroundService
{
    /// <summary>Senders kept for one team; the one that was silent for longest goes first.</summary>
    public const int MostSenders = 500;

    /// <summary>Senders noted between two writings: names are theirs to choose, and must not fill the memory.</summary>
    private const int MostAtOnce = 2_000;

    private const int LongestName = 200;

    private static readonly TimeSpan Every = TimeSpan.FromSeconds(3);

    private readonly Lock _lock = new();
    private Dictionary<(string Team, SenderName Sender), SenderCoverage> _noted = [];

    /// <summary>Notes how a request was read.</summary>
    public void Note(string team, OtlpReadResult read)
    {
        lock (_lock)
        {
            foreach (var (sender, coverage) in read.Coverage)
            {
                var key = (team, new SenderName(Name(sender.Service), Name(sender.Sdk), Name(sender.SdkVersion)));
                if (_noted.TryGetValue(key, out var known))
                {
                    known.Add(coverage);
                }
                else if (_noted.Count < MostAtOnce)
                {
                    _noted[key] = coverage;
                }
            }
        }
    }

    /// <summary>All senders, the one heard last first.</summary>
    public Task<IReadOnlyList<SenderReading>> ListAsync(Caller caller, CancellationToken cancel) => store.ReadAsync<IReadOnlyList<SenderReading>>(
        caller,
        async db =>
        {
            caller.DemandSomewhere(Permission.View);
            var rows = await db.Senders.OrderByDescending(s => s.LastSeenAt).ThenBy(s => s.Id).Take(MostSenders).ToListAsync(cancel);
            rows.RemoveAll(s => caller.Kind == CallerKind.Person && !caller.MayFor(Permission.View, s.ServiceName ?? "", s.Team));
            return rows.ConvertAll(s => new SenderReading(
                s.Id, s.Team, s.ServiceName, s.Sdk, s.SdkVersion, s.FirstSeenAt, s.LastSeenAt, JsonText.Read<SenderCoverage>(s.CoverageJson) ?? new SenderCoverage()));
        },
        cancel);

    /// <summary>Writes down what was noted since the last time.</summary>
    public async Task WriteAsync(CancellationToken cancel)
    {
        Dictionary<(string Team, SenderName Sender), SenderCoverage> noted;
        lock (_lock)
        {
            (noted, _noted) = (_noted, []);
        }

        if (noted.Count > 0)
        {
            await store.WriteTelemetryAsync(unit => AddAsync(unit, noted, cancel), cancel);
        }
    }

    /// <summary>The writer of telemetry has stopped before: what it noted last is written down.</summary>
    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        await base.StopAsync(cancellationToken);
        await TryWriteAsync(cancellationToken);
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Every, time);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            await TryWriteAsync(stoppingToken);
        }
    }

    private async Task TryWriteAsync(CancellationToken cancel)
    {
        try
        {
            await WriteAsync(cancel);
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            log.LogWarning(e, "How senders are read could not be written down; these notes are lost");
        }
    }

    private static async Task<bool> AddAsync(UnitOfWork unit, Dictionary<(string Team, SenderName Sender), SenderCoverage> noted, CancellationToken cancel)
    {
        var byId = noted.ToDictionary(n => IdOf(n.Key.Team, n.Key.Sender), StringComparer.Ordinal);
        var ids = byId.Keys.ToList();
        var known = await unit.Db.Senders.Where(s => ids.Contains(s.Id)).OrderBy(s => s.Id).ForUpdate().ToDictionaryAsync(s => s.Id, cancel);
        foreach (var (id, ((team, name), coverage)) in byId.OrderBy(n => n.Key, StringComparer.Ordinal))
        {
            if (!known.TryGetValue(id, out var sender))
            {
                sender = new Sender { Id = id, Team = team, ServiceName = name.Service, Sdk = name.Sdk, SdkVersion = name.SdkVersion, FirstSeenAt = unit.Now, CoverageJson = "{}" };
                unit.Db.Senders.Add(sender);
            }

            var all = JsonText.Read<SenderCoverage>(sender.CoverageJson) ?? new SenderCoverage();
            all.Add(coverage);
            sender.CoverageJson = JsonText.Of(all);
            sender.LastSeenAt = unit.Now;
        }

        await unit.Db.SaveChangesAsync(cancel);
        foreach (var team in noted.Keys.Select(n => n.Team).Distinct(StringComparer.Ordinal))
        {
            await unit.Db.Senders.Where(s => s.Team == team).OrderByDescending(s => s.LastSeenAt).Skip(MostSenders).ExecuteDeleteAsync(cancel);
        }

        return true;
    }

    private static string? Name(string? name) => name is null ? null : (name.Length > LongestName ? name[..LongestName] : name).Replace('\0', '\uFFFD');

    private static string IdOf(string team, SenderName sender) =>
        Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(string.Join('\u001f', team, sender.Service, sender.Sdk, sender.SdkVersion))));
}

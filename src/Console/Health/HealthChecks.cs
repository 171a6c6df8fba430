using Handrail.Audit;
using Handrail.Jobs;
using Handrail.Shell.Display;

namespace Handrail.Health;

/// <summary>Tells from the figures how each part does and what is to be done about it. Reads nothing and knows no clock.</summary>
public static class HealthChecks
{
    public const string Ingest = "ingest";
    public const string DeadLetters = "dead_letters";
    public const string Jobs = "jobs";

    /// <summary>From so many given up within a day on they pile up.</summary>
    public const int Pile = 5;

    /// <summary>So many failures of a job in a row are no mishap.</summary>
    public const int Failing = 3;

    private const string Retention = nameof(Content.Retention);
    private const long OneGigabyte = 1_000_000_000;

    private static readonly TimeSpan SlowIngest = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan News = TimeSpan.FromHours(1);
    private static readonly TimeSpan LateMessage = TimeSpan.FromMinutes(5);
    private static readonly TimeSpan LateRouting = TimeSpan.FromMinutes(2);

    public static IReadOnlyList<HealthCheck> Of(HealthReading reading) =>
        [OfIngest(reading), OfRejected(reading), .. OfStored(reading), OfJobs(reading), OfAudit(reading), OfRetention(reading)];

    private static HealthCheck OfIngest(HealthReading r)
    {
        var lag = r.P99 is { } p99 ? $"99 of 100 records are stored within {Figures.Length(p99)} over the last 5 minutes" : "nothing came in the last 5 minutes";
        var now = r.Behind > SlowIngest ? $"; the oldest request waits since {Figures.Length(r.Behind)}" : "";
        var queue = r.Queued > 0 ? $"; {Counted(r.Queued, "record")} queued" : "";
        var state = r.Stalled || r.P99 >= r.LongestWait ? HealthState.Broken : r.P99 > SlowIngest || r.Behind > SlowIngest ? HealthState.Look : HealthState.Fine;
        return new HealthCheck(Ingest, "Telemetry in", state, Sentence(lag + now + queue), state switch
        {
            HealthState.Broken => "Senders are told to send again; nothing that was acknowledged is lost. Look for a database that is slow, full or locked.",
            HealthState.Look => "The database takes its time. Look at its disk, and at what else runs on it.",
            _ => null,
        });
    }

    private static HealthCheck OfRejected(HealthReading r)
    {
        var of = r.Rejected.Where(l => r.At - l.LastAt < News).ToList();
        var (records, requests) = (r.Rejected.Sum(l => l.Records), r.Rejected.Sum(l => l.Requests));
        return new HealthCheck(
            "rejected", "Telemetry rejected", of.Count > 0 ? HealthState.Look : HealthState.Fine,
            records + requests == 0 ? "Nothing was rejected since the start." : $"{Counted(records, "record")} and {Counted(requests, "whole request")} since the start.",
            of.Count > 0 ? $"The last {Figures.Relative(of.Max(l => l.LastAt), r.At)}. Each sender was told why; who and why stands below." : null);
    }

    private static IEnumerable<HealthCheck> OfStored(HealthReading r)
    {
        if (r.Stored is not { } stored)
        {
            return [new HealthCheck("database", "Database", HealthState.Broken, "It did not answer.", "Nothing can be decided or stored; agents hold what they were about to do. Look whether it runs and can be reached.")];
        }

        return [OfOutbox(stored), OfDeadLetters(stored), OfDatabase(stored)];
    }

    private static HealthCheck OfOutbox(StoredFigures s)
    {
        var (unrouted, undelivered) = (s.ReadAt - s.UnroutedSince, s.ReadAt - s.UndeliveredSince);
        var state = unrouted > LateRouting || undelivered > News ? HealthState.Broken : undelivered > LateMessage ? HealthState.Look : HealthState.Fine;
        return new HealthCheck(
            "outbox", "Messages out", state,
            s.Undone is { } since ? $"The oldest that should have gone waits since {Figures.Length(s.ReadAt - since)}; not delivered: {Many(s.Undelivered)}." : "Nothing waits.",
            state == HealthState.Fine ? null
            : unrouted > LateRouting ? "The job that sends them does not run. Look at the jobs, and at the console's log."
            : "A channel does not answer: its last error stands with its deliveries.",
            state == HealthState.Fine ? null : unrouted > LateRouting ? JobsSetup.Page : "/settings/deliveries?status=pending");
    }

    private static HealthCheck OfDeadLetters(StoredFigures s) => new(
        DeadLetters, "Messages given up", s.GivenUp >= Pile ? HealthState.Broken : s.GivenUp > 0 ? HealthState.Look : HealthState.Fine,
        s.GivenUp == 0 ? "None within the last day." : $"{Many(s.GivenUp)} within the last day.",
        s.GivenUp == 0 ? null : "Nobody was told by them. Put the channel right, then send them again.",
        s.GivenUp == 0 ? null : "/settings/deliveries?status=dead");

    private static HealthCheck OfDatabase(StoredFigures s)
    {
        var left = s.FullAt - s.ReadAt;
        var state = s.FreeBytes < OneGigabyte || left < TimeSpan.FromDays(3) ? HealthState.Broken : left < TimeSpan.FromDays(30) ? HealthState.Look : HealthState.Fine;
        var growth = s.BytesPerDay switch
        {
            null => "how fast it grows is known after an hour",
            <= 0 => "it does not grow",
            { } bytes => $"it grows by {Figures.Bytes(bytes)} a day",
        };
        var room = s.FreeBytes is not { } free ? "what is free on its disk is its server's to say" : $"{Figures.Bytes(free)} are free";
        var full = left is { } days ? $"; the disk is full in {Figures.Length(days)}" : "";
        return new HealthCheck(
            "database", "Database", state, $"{Figures.Bytes(s.DatabaseBytes)}; {growth}; {room}{full}.",
            state switch
            {
                HealthState.Broken when s.FreeBytes < OneGigabyte => "Less than a gigabyte is free: soon nothing can be stored. Make room, or keep things for a shorter time.",
                HealthState.Fine => null,
                _ => "Make room, or keep what was said and steps for a shorter time.",
            },
            state == HealthState.Fine ? null : "/settings");
    }

    private static HealthCheck OfJobs(HealthReading r)
    {
        var failing = r.Jobs.Where(j => j.InARow > 0).OrderByDescending(j => j.InARow).ToList();
        var state = failing.Exists(j => j.InARow >= Failing) ? HealthState.Broken : failing.Count > 0 ? HealthState.Look : HealthState.Fine;
        var failures = r.Jobs.Sum(j => j.Failures);
        return new HealthCheck(
            Jobs, "Background jobs", state,
            failing.Count > 0 ? $"{string.Join(", ", failing.Select(j => $"{j.Name} failed {j.InARow} times in a row ({j.Error})"))}."
            : failures > 0 ? $"All went well at their last run; {Figures.Count(failures)} runs failed since the start."
            : "No run failed since the start.",
            state == HealthState.Fine ? null : "Each is tried again by itself. The console's log says what it failed of.",
            state == HealthState.Fine ? null : JobsSetup.Page);
    }

    private static HealthCheck OfAudit(HealthReading r)
    {
        var owed = r.AuditOwed > 0 ? $" {Counted(r.AuditOwed, "record")} of what was done meanwhile {(r.AuditOwed == 1 ? "is" : "are")} still to be written." : "";
        return new HealthCheck(
            "audit", "Audit trail", !r.AuditWorks || r.AuditWrong is not null ? HealthState.Broken : r.AuditOwed > 0 ? HealthState.Look : HealthState.Fine,
            !r.AuditWorks ? $"It can't be written.{owed}" : r.AuditWrong is { } wrong ? $"Its chain does not hold: {wrong}{owed}" : owed.Length > 0 ? owed.TrimStart() : "Every act can be put on record.",
            !r.AuditWorks ? "Nothing is allowed, approved, resumed or published until it can be; what denies, pauses, stops and revokes still works. The console's log says what the database answered."
            : r.AuditWrong is not null ? "Somebody has changed the table behind the console's back, and days are sealed no more. Verify the chain, and compare it with the heads that were kept."
            : r.AuditOwed > 0 ? "They are written by themselves within seconds. Where they stay, the console's log says why."
            : null,
            r.AuditWrong is null ? null : AuditAddress.Page);
    }

    private static HealthCheck OfRetention(HealthReading r)
    {
        var last = r.Jobs.FirstOrDefault(j => j.Name == Retention)?.SucceededAt;
        var late = r.At - (last ?? r.StartedAt) > 3 * News;
        return new HealthCheck(
            "retention", "Clearing away", late ? HealthState.Look : HealthState.Fine,
            last is { } at ? $"Last done {Figures.Relative(at, r.At)}." : "Not yet done since the start.",
            late ? "What is older than it is to be kept stays. The console's log says why." : null);
    }

    private static string Many(int count) => count >= HealthQueries.MostCounted ? $"{Figures.Count(HealthQueries.MostCounted)} or more" : Figures.Count(count);

    private static string Counted(long count, string what) => $"{Figures.Count(count)} {what}{(count == 1 ? "" : "s")}";

    private static string Sentence(string text) => $"{char.ToUpperInvariant(text[0])}{text[1..]}.";
}

using Handrail.Access;
using Handrail.Ingest;
using Handrail.Jobs;

namespace Handrail.Health;

/// <summary>What is said of each part of the console, and what to do about it.</summary>
public sealed class HealthChecksTests
{
    private static readonly DateTimeOffset Now = new(2026, 5, 1, 12, 0, 0, TimeSpan.Zero);

    private static readonly StoredFigures Stored = new() { ReadAt = Now, Undelivered = 0, GivenUp = 0, DatabaseBytes = 512_000_000, FreeBytes = 80_000_000_000, BytesPerDay = 1_000_000 };

    private static readonly HealthReading Well = new()
    {
        At = Now,
        Version = "1",
        StartedAt = Now.AddHours(-1),
        Behind = TimeSpan.Zero,
        P99 = TimeSpan.FromMilliseconds(40),
        Stalled = false,
        LongestWait = TimeSpan.FromSeconds(8),
        Queued = 0,
        Rejected = [],
        Jobs = [new JobReading("Retention", 0, 0, Now.AddMinutes(-5), null, null)],
        Clients = new ClientsReading(0, 0, 0, 0),
        Stored = Stored,
    };

    [Fact]
    public void A_console_that_does_well_has_nothing_to_be_done()
    {
        Assert.Equal(HealthState.Fine, Well.State);
        Assert.All(Well.Checks, c => Assert.Null(c.Advice));
        Assert.Equal(HealthState.Fine, (Well with { P99 = null, Stored = Stored with { FreeBytes = null, BytesPerDay = null } }).State);
    }

    [Fact]
    public void Every_state_but_fine_says_what_to_do()
    {
        var ill = Well with
        {
            P99 = TimeSpan.FromSeconds(9),
            Rejected = [new RejectedReading("default", "desk", "a trace id is not 16 bytes other than zero", 3, 0, Now.AddMinutes(-1))],
            Jobs = [new JobReading("outbox.look", 4, 3, null, Now, "TimeoutException")],
            StartedAt = Now.AddHours(-5),
            AuditOwed = 1,
            Stored = Stored with { UndeliveredSince = Now.AddHours(-2), GivenUp = 7, FreeBytes = 500_000_000 },
        };

        Assert.All(ill.Checks, c => Assert.NotEqual(HealthState.Fine, c.State));
        Assert.All(ill.Checks, c => Assert.NotNull(c.Advice));
        Assert.Equal(HealthState.Broken, ill.State);
    }

    [Theory]
    [InlineData(0.9, false, HealthState.Fine)]
    [InlineData(2, false, HealthState.Look)]
    [InlineData(8, false, HealthState.Broken)]
    [InlineData(0.01, true, HealthState.Broken)]
    public void Telemetry_is_late_by_what_its_senders_notice(double p99, bool stalled, HealthState state) =>
        Assert.Equal(state, Of(Well with { P99 = TimeSpan.FromSeconds(p99), Stalled = stalled }, "ingest").State);

    [Theory]
    [InlineData(0, HealthState.Fine)]
    [InlineData(1, HealthState.Look)]
    [InlineData(5, HealthState.Broken)]
    public void What_was_given_up_piles_up_from_five_a_day(int count, HealthState state) => Assert.Equal(state, Of(Well with { Stored = Stored with { GivenUp = count } }, "dead_letters").State);

    [Theory]
    [InlineData(null, 2, HealthState.Fine)]
    [InlineData(null, 10, HealthState.Look)]
    [InlineData(null, 61, HealthState.Broken)]
    [InlineData(1, null, HealthState.Fine)]
    [InlineData(3, null, HealthState.Broken)]
    public void A_message_that_waits_is_a_channels_fault_and_one_that_nobody_looked_at_is_ours(int? unrouted, int? undelivered, HealthState state)
    {
        var check = Of(Well with { Stored = Stored with { UnroutedSince = unrouted is { } n ? Now.AddMinutes(-n) : null, UndeliveredSince = undelivered is { } m ? Now.AddMinutes(-m) : null } }, "outbox");

        Assert.Equal(state, check.State);
        Assert.Equal(state == HealthState.Fine ? null : unrouted is null ? "/settings/deliveries?status=pending" : "/settings/jobs", check.Link);
    }

    [Theory]
    [InlineData(1_000_000_000_000, 1e6, HealthState.Fine)]
    [InlineData(20_000_000_000, 1e9, HealthState.Look)]
    [InlineData(2_000_000_000, 1e9, HealthState.Broken)]
    [InlineData(900_000_000, 0, HealthState.Broken)]
    [InlineData(2_000_000_000, -1e9, HealthState.Fine)]
    public void The_disk_is_spoken_of_before_it_is_full(long free, double perDay, HealthState state) =>
        Assert.Equal(state, Of(Well with { Stored = Stored with { FreeBytes = free, BytesPerDay = perDay } }, "database").State);

    [Fact]
    public void The_day_on_which_the_disk_is_full_is_said()
    {
        var stored = Stored with { FreeBytes = 10_000_000_000, BytesPerDay = 1_000_000_000 };

        Assert.Equal(Now.AddDays(10), stored.FullAt);
        Assert.Equal("512 MB; it grows by 1.0 GB a day; 10 GB are free; the disk is full in 10 d.", Of(Well with { Stored = stored }, "database").Figure);
    }

    [Fact]
    public void A_database_that_does_not_answer_is_said_and_the_rest_is_said_all_the_same()
    {
        var away = Well with { Stored = null };

        Assert.Equal(HealthState.Broken, Of(away, "database").State);
        Assert.Equal(HealthState.Fine, Of(away, "ingest").State);
    }

    [Theory]
    [InlineData(0, HealthState.Fine)]
    [InlineData(1, HealthState.Look)]
    [InlineData(3, HealthState.Broken)]
    public void A_job_that_fails_again_and_again_is_no_mishap(int inARow, HealthState state) =>
        Assert.Equal(state, Of(Well with { Jobs = [.. Well.Jobs, new JobReading("outbox.send", 9, inARow, null, Now, "IOException")] }, "jobs").State);

    [Fact]
    public void An_audit_trail_that_can_t_be_written_or_does_not_hold_is_broken_and_what_it_is_owed_is_counted()
    {
        Assert.Equal(HealthState.Fine, Of(Well, "audit").State);
        Assert.Equal((HealthState.Look, "2 records of what was done meanwhile are still to be written."), (Of(Well with { AuditOwed = 2 }, "audit").State, Of(Well with { AuditOwed = 2 }, "audit").Figure));
        var unwritable = Of(Well with { AuditWorks = false, AuditOwed = 1 }, "audit");
        Assert.Equal((HealthState.Broken, "It can't be written. 1 record of what was done meanwhile is still to be written."), (unwritable.State, unwritable.Figure));
        Assert.Contains("Nothing is allowed", unwritable.Advice);
        var broken = Of(Well with { AuditWrong = "Record 4 is missing." }, "audit");
        Assert.Equal((HealthState.Broken, "Its chain does not hold: Record 4 is missing.", "/audit"), (broken.State, broken.Figure, broken.Link));
    }

    [Fact]
    public void What_is_rejected_is_counted_by_sender_and_reason_and_the_memory_is_bounded()
    {
        var rejected = new RejectedRecords(new Microsoft.Extensions.Time.Testing.FakeTimeProvider(Now));
        var desk = Caller.System with { Kind = CallerKind.AgentKey, Team = "default", Name = "desk" };
        rejected.Records(desk, "too long", 3);
        rejected.Records(desk, "too long", 2);
        rejected.Records(desk, null, 0);
        rejected.Request(null, "no valid key");

        Assert.Equal(
            [new RejectedReading("default", "desk", "too long", 5, 0, Now), new RejectedReading(null, null, "no valid key", 0, 1, Now)],
            rejected.List().OrderByDescending(l => l.Records));
        for (var i = 0; i < 2 * RejectedRecords.Most; i++)
        {
            rejected.Request(desk with { Name = $"key {i}" }, "busy");
        }

        Assert.InRange(rejected.List().Count, RejectedRecords.Most, RejectedRecords.Most + 1);
        Assert.Equal((2 * RejectedRecords.Most) + 1, rejected.List().Sum(l => l.Requests));
    }

    private static HealthCheck Of(HealthReading reading, string id) => Assert.Single(reading.Checks, c => c.Id == id);
}

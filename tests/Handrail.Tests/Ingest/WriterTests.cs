using Handrail.Store;
using Handrail.Testing;
using Microsoft.EntityFrameworkCore;
using Xunit;

namespace Handrail.Ingest;

public sealed class WriterTests
{
    [Theory, Databases]
    public async Task Nothing_is_acknowledged_before_it_is_committed(DatabaseProvider provider)
    {
        await using var intake = await Intake.OpenAsync(provider, writing: false);

        var sending = intake.SendAsync(Spans.Call(0) with { SessionId = "s-1" });
        Assert.False(sending.IsCompleted);
        Assert.Empty(await intake.SessionIdsAsync());
        await intake.StartAsync();

        Assert.Equal(1, (await sending).Accepted);
        Assert.Equal(["s-1"], await intake.SessionIdsAsync());
    }

    [Theory, Databases]
    public async Task More_than_can_be_written_is_refused_with_a_time_to_come_back(DatabaseProvider provider)
    {
        await using var intake = await Intake.OpenAsync(provider, new IngestSettings { MaxSpansInFlight = 10 }, writing: false);
        var first = intake.SendAsync([.. Enumerable.Range(0, 8).Select(i => Spans.Call(i))]);

        var refusal = await Assert.ThrowsAsync<Refusal>(() => intake.SendAsync([.. Enumerable.Range(10, 8).Select(i => Spans.Call(i))]));
        Assert.Equal((RefusalKind.Busy, true), (refusal.Kind, refusal.RetryAfter > TimeSpan.Zero));
        await intake.StartAsync();
        await first;

        Assert.Equal(8, (await intake.SendAsync([.. Enumerable.Range(10, 8).Select(i => Spans.Call(i))])).Accepted);
        Assert.Equal(12, (await intake.SendAsync([.. Enumerable.Range(20, 12).Select(i => Spans.Call(i))])).Accepted);
    }

    [Fact]
    public void Bytes_in_flight_are_bounded_and_given_back()
    {
        var admission = new IngestAdmission(new IngestSettings { MaxBytesInFlight = 100 }, TimeProvider.System);
        using (var place = admission.Enter(Intake.Team()))
        {
            place.AddBytes(60);
            using var other = admission.Enter(Intake.Team("others"));
            Assert.Equal(RefusalKind.Busy, Assert.Throws<Refusal>(() => other.AddBytes(60)).Kind);
            other.AddBytes(40);
            Assert.Equal(100, admission.BytesInFlight);
        }

        Assert.Equal(0, admission.BytesInFlight);
    }

    [Fact]
    public void Threat_16_However_much_one_key_sends_there_is_room_for_others_telemetry()
    {
        var admission = new IngestAdmission(new IngestSettings { MaxBytesInFlight = 1_000, MaxSpansInFlight = 1_000 }, TimeProvider.System);
        var flood = new List<IngestAdmission.Place>();
        void Send()
        {
            flood.Add(admission.Enter(Intake.Team("flood")));
            flood[^1].AddBytes(10);
            flood[^1].AddSpans(10);
        }

        var refused = Assert.Throws<Refusal>(() =>
        {
            for (var i = 0; i < 200; i++)
            {
                Send();
            }
        });
        Assert.Equal((RefusalKind.TooMany, true), (refused.Kind, refused.RetryAfter > TimeSpan.Zero));

        using (var other = admission.Enter(Intake.Team("others")))
        {
            other.AddBytes(100);
            other.AddSpans(100);
        }

        flood.ForEach(p => p.Dispose());
        Assert.Equal((0, 0), (admission.BytesInFlight, admission.SpansInFlight));
        Send();
        flood[^1].Dispose();

        // A request as large as all the room is taken where its key sends nothing else.
        using var large = admission.Enter(Intake.Team("flood"));
        large.AddBytes(1_000);
        large.AddSpans(2_000);
    }

    [Theory, Databases]
    public async Task A_database_that_takes_nothing_is_no_acknowledgement_and_the_retry_counts_once(DatabaseProvider provider)
    {
        await using var intake = await Intake.OpenAsync(provider);
        await SqlAsync(intake, "ALTER TABLE turns RENAME TO turns_away");

        var refusal = await Assert.ThrowsAsync<Refusal>(() => intake.SendAsync(Spans.Call(0) with { SessionId = "s-1" }));
        Assert.Equal((RefusalKind.Busy, true), (refusal.Kind, refusal.RetryAfter > TimeSpan.Zero));
        Assert.Empty(await intake.SessionIdsAsync());
        await SqlAsync(intake, "ALTER TABLE turns_away RENAME TO turns");

        Assert.Equal((1, 0), (await intake.SendAsync(Spans.Call(0) with { SessionId = "s-1" })) is var r ? (r.Accepted, r.Duplicates) : default);
        Assert.Equal(1, (await intake.SessionAsync("s-1")).Steps);
    }

    [Theory, Databases]
    public async Task A_span_that_can_t_be_stored_takes_no_neighbour_with_it(DatabaseProvider provider)
    {
        await using var intake = await Intake.OpenAsync(provider, writing: false);
        await SqlAsync(intake, provider == DatabaseProvider.Postgres
            ? "ALTER TABLE steps ADD CONSTRAINT no_poison CHECK (name <> 'poison')"
            : "CREATE TRIGGER no_poison BEFORE INSERT ON steps WHEN new.name = 'poison' BEGIN SELECT RAISE(ABORT, 'no'); END");
        var neighbour = intake.SendAsync(Spans.Call(20) with { SessionId = "s-2" });
        var poisoned = intake.SendAsync([.. Enumerable.Range(0, 9).Select(i => Spans.Call(i) with { SessionId = "s-1", Name = i == 5 ? "poison" : "call" })]);
        await intake.StartAsync();

        Assert.Equal((1, 0), ((await neighbour).Accepted, (await neighbour).Rejected));
        Assert.Equal((8, 1, "the span could not be stored"), ((await poisoned).Accepted, (await poisoned).Rejected, (await poisoned).RejectionReason));
        Assert.Equal((8, 8), ((await intake.SessionAsync("s-1")).Steps, (await intake.SessionAsync("s-1")).LlmCalls));
    }

    [Theory, Databases]
    public async Task What_waits_when_the_console_stops_is_still_written(DatabaseProvider provider)
    {
        await using var intake = await Intake.OpenAsync(provider, new IngestSettings { MaxSpansPerCommit = 4 });
        await intake.SendAsync(Spans.Call(20) with { SessionId = "s-1" });

        var sending = Enumerable.Range(0, 20).Select(i => intake.SendAsync(Spans.Call(i) with { SessionId = "s-1" })).ToList();
        await intake.Writer.StopAsync(CancellationToken.None);

        await Task.WhenAll(sending);
        Assert.Equal(21, (await intake.SessionAsync("s-1")).Steps);
        await Assert.ThrowsAsync<Refusal>(() => intake.SendAsync(Spans.Call(30)));
    }

    [Theory, Databases]
    public async Task Nobody_is_left_waiting_by_a_console_that_stops_before_it_began(DatabaseProvider provider)
    {
        await using var intake = await Intake.OpenAsync(provider, writing: false);
        var sending = intake.SendAsync(Spans.Call(0));

        await intake.Writer.StopAsync(CancellationToken.None);

        Assert.Equal(RefusalKind.Busy, (await Assert.ThrowsAsync<Refusal>(() => sending)).Kind);
    }

    private static Task SqlAsync(Intake intake, string sql) => intake.Store.WriteAsync(unit => unit.Db.Database.ExecuteSqlRawAsync(sql), CancellationToken.None);
}

using System.Collections.Concurrent;
using Handrail.Access;
using Microsoft.Extensions.Time.Testing;
using Xunit;

namespace Handrail.Ingest;

/// <summary>What is taken in when more comes than can be written: what will be written in time, and of everything else not even the first byte.</summary>
public sealed class OverloadTests
{
    private readonly FakeTimeProvider _time = new();
    private readonly IngestAdmission _admission;

    public OverloadTests() => _admission = new IngestAdmission(new IngestSettings { LongestWait = TimeSpan.FromSeconds(8) }, _time);

    [Fact]
    public void A_request_is_refused_unread_when_more_waits_than_is_written_in_a_quarter_of_the_longest_wait()
    {
        using (Waiting("others", 20_000))
        {
            Written(perSecond: 4_000, seconds: 12);
            using var late = _admission.Enter(Intake.Team());
            var refused = Assert.Throws<Refusal>(late.Expect);
            Assert.Equal((RefusalKind.Busy, true), (refused.Kind, refused.RetryAfter > TimeSpan.Zero));
        }

        // A quarter of eight seconds, at 4,000 a second.
        using var waiting = Waiting("others", 4_000);
        using var inTime = _admission.Enter(Intake.Team());
        inTime.Expect();
    }

    [Fact]
    public void A_fast_writer_lets_as_much_more_wait()
    {
        using (Waiting("others", 90_000))
        {
            Written(perSecond: 30_000, seconds: 12);
        }

        using var waiting = Waiting("others", 40_000);
        using var place = _admission.Enter(Intake.Team());
        place.Expect();
    }

    [Fact]
    public void A_writer_that_had_little_to_do_is_not_taken_for_a_slow_one()
    {
        Written(perSecond: 10, seconds: 60);

        using var waiting = Waiting("others", 5_000);
        using var place = _admission.Enter(Intake.Team());
        place.Expect();
    }

    [Fact]
    public void Requests_that_are_not_read_yet_count_as_what_requests_have_lately_until_they_are()
    {
        Waiting("others", 1_000).Dispose();
        var unread = new List<IngestAdmission.Place>();
        var refused = Assert.Throws<Refusal>(() =>
        {
            for (var i = 0; i < 1_000; i++)
            {
                unread.Add(_admission.Enter(Intake.Team($"team-{i}")));
                unread[^1].Expect();
            }
        });
        Assert.Equal(RefusalKind.Busy, refused.Kind);

        unread.ForEach(p => p.WasRead());
        using var next = _admission.Enter(Intake.Team());
        next.Expect();
        unread.ForEach(p => p.Dispose());
    }

    [Fact]
    public void Threat_16_One_key_s_unread_requests_leave_room_for_others()
    {
        Waiting("others", 1_000).Dispose();
        var flood = new List<IngestAdmission.Place>();
        var refused = Assert.Throws<Refusal>(() =>
        {
            for (var i = 0; i < 1_000; i++)
            {
                flood.Add(_admission.Enter(Intake.Team("flood")));
                flood[^1].Expect();
            }
        });
        Assert.Equal(RefusalKind.TooMany, refused.Kind);

        using var other = _admission.Enter(Intake.Team("others"));
        other.Expect();
        flood.ForEach(p => p.Dispose());
    }

    [Fact]
    public async Task What_the_writer_is_not_soon_at_is_not_read_yet_and_then_in_the_order_it_came()
    {
        using var lane = new ReadingLane(_admission, ahead: 1_000);
        var written = Waiting("others", 600);
        var writtenLater = Waiting("others", 600);
        var order = new ConcurrentQueue<int>();
        var read = Enumerable.Range(0, 20).Select(i => lane.ReadAsync(() => Note(order, i), CancellationToken.None)).ToList();
        Assert.Empty(order);

        written.Dispose();
        await Task.WhenAll(read);
        Assert.Equal(20, order.Count);
        Assert.True(Environment.ProcessorCount > 2 || order.SequenceEqual(Enumerable.Range(0, 20)), string.Join(' ', order));
        writtenLater.Dispose();
    }

    [Fact]
    public async Task Whoever_gives_up_while_it_waits_to_be_read_holds_nobody_up()
    {
        using var lane = new ReadingLane(_admission, ahead: 1_000);
        var written = Waiting("others", 1_000);
        using var patience = new CancellationTokenSource();
        var impatient = Enumerable.Range(0, 10).Select(i => lane.ReadAsync(() => i, patience.Token)).ToList();
        var patient = lane.ReadAsync(() => "read", CancellationToken.None);

        await patience.CancelAsync();
        foreach (var gone in impatient)
        {
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => gone);
        }

        Assert.False(patient.IsCompleted);
        written.Dispose();
        Assert.Equal("read", await patient);
    }

    [Fact]
    public async Task No_room_that_is_given_back_is_missed()
    {
        using var lane = new ReadingLane(_admission, ahead: 500);
        var read = 0;
        await Task.WhenAll(Enumerable.Range(0, 8).Select(sender => Task.Run(async () =>
        {
            for (var i = 0; i < 2_000; i++)
            {
                using var place = _admission.Enter(Intake.Team($"team-{sender}"));
                await lane.ReadAsync(() => 0, CancellationToken.None);
                place.AddSpans(500);
                Interlocked.Increment(ref read);
                await Task.Yield();
            }
        }, TestContext.Current.CancellationToken)));
        Assert.Equal((16_000, 0), (read, _admission.SpansInFlight));
    }

    private static int Note(ConcurrentQueue<int> order, int read)
    {
        order.Enqueue(read);
        return read;
    }

    private IngestAdmission.Place Waiting(string team, int spans)
    {
        var place = _admission.Enter(Intake.Team(team));
        place.AddSpans(spans);
        return place;
    }

    private void Written(int perSecond, int seconds)
    {
        for (var i = 0; i < 10 * seconds; i++)
        {
            _time.Advance(TimeSpan.FromSeconds(0.1));
            _admission.Written(perSecond / 10);
        }
    }
}

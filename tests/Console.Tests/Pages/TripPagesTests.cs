using Bunit;
using Handrail.Breakers;
using Handrail.Handoffs;
using Handrail.Live;
using Handrail.Policy;
using Handrail.Sessions;
using Handrail.Store;
using Handrail.Testing;
using Xunit;

namespace Handrail.Pages;

/// <summary>What has tripped, where people look, and what they make of it.</summary>
public sealed class TripPagesTests : DeskContext
{
    [Fact]
    public async Task The_fleet_says_what_tripped_and_leads_to_the_decision()
    {
        await TripAsync(Loop());

        var page = Open<FleetPage>();

        page.WaitForAssertion(() => Assert.Contains("Stopped after 6 identical calls of search_web: the same arguments, the same result; the limit is 5.", page.Find(".trips").TextContent));
        Assert.Equal("/inbox?handoff=h-1", page.Find(".trips a.decide").GetAttribute("href"));
        Assert.Equal("1", page.FindAll(".tile").Single(t => t.TextContent.Contains("Tripped breakers", StringComparison.Ordinal)).QuerySelector(".value")!.TextContent.Trim());
    }

    [Fact]
    public async Task A_trip_is_resumed_from_its_card_with_a_new_limit_that_is_above_the_figure()
    {
        await TripAsync(Loop());
        await TripAsync(Cost(), "s-2", ControlState.Paused);
        var page = OpenInbox("h-2");
        page.WaitForElement("#new-limit");
        Assert.Equal("desk: Paused at 2.31 USD spent; the limit is 2.00 USD", Wanted(page));
        Assert.Empty(page.FindAll(".words"));
        Assert.Contains("up to 4.31 USD", page.Find("#new-limit-says").TextContent);

        On(page, () => page.Find("#new-limit"), e => e.Input("2.1"));
        page.WaitForAssertion(() => Assert.Contains("Must be above 2.31 USD", page.Find("#new-limit-says").TextContent));
        Assert.True(Button(page, "Resume").HasAttribute("disabled"));
        On(page, () => page.Find("#new-limit"), e => e.Input("5"));
        On(page, () => Button(page, "Resume"), e => e.Click());

        await Eventually.HoldsAsync("the session goes on", async () => (await ReadAsync(db => db.Sessions.FindAsync("s-2").AsTask()))!.State == SessionState.Running);
        var handoff = await HandoffAsync("h-2");
        Assert.Equal((HandoffStatus.Answered, "anna@example.com"), (handoff.Status, handoff.DecidedBy));
        Assert.Equal(5, (await ReadAsync(db => db.BreakerTrips.FindAsync("bt-s-2").AsTask()))!.NewLimit);
    }

    [Fact]
    public async Task A_loop_that_is_resumed_without_a_limit_counts_anew_and_a_stop_is_for_good()
    {
        await TripAsync(Loop());
        var page = OpenInbox("h-1");
        page.WaitForElement("#new-limit");
        Assert.Contains("counted anew", page.Find("#new-limit-says").TextContent);

        On(page, () => Button(page, "Stop for good"), e => e.Click());

        await Eventually.HoldsAsync("the trip is closed by a stop", async () => (await ReadAsync(db => db.BreakerTrips.FindAsync("bt-s-1").AsTask()))!.Choice == "stop");
    }

    [Fact]
    public async Task A_session_shows_its_trips_and_what_became_of_them()
    {
        await TripAsync(Loop());
        var page = Open<OneSessionPage>(p => p.Add(x => x.Id, "s-1"));
        page.WaitForAssertion(() => Assert.Contains("Stopped after 6 identical calls", page.Find(".trips").TextContent));

        var trip = Loop();
        (trip.ClosedAt, trip.ClosedBy, trip.Choice) = (Now, "ben@example.com", "resume");
        await SaveAsync(new Hint(HintKind.Session, "s-1"), trip);

        page.WaitForAssertion(() => Assert.Contains("resumed by ben@example.com", page.Find(".trip.closed").TextContent));
        Assert.Empty(page.FindAll(".trips a.decide"));
    }

    private BreakerTrip Loop() => Trip("s-1", "h-1", "session-loop", BreakerMetric.RepeatedCalls, BreakerOutcome.Stop, 6, 5, new TripDetail("search_web", true, null));

    private BreakerTrip Cost() => Trip("s-2", "h-2", "session-cost", BreakerMetric.CostUsd, BreakerOutcome.Pause, 2.31m, 2, null);

    private BreakerTrip Trip(string session, string handoff, string breaker, BreakerMetric metric, BreakerOutcome then, decimal figure, decimal limit, TripDetail? detail) => new()
    {
        Id = $"bt-{session}",
        Scope = Scopes.Session(session),
        Layer = Scopes.Fleet,
        BreakerId = breaker,
        Metric = metric,
        Then = then,
        Figure = figure,
        Threshold = limit,
        Team = "default",
        SessionId = session,
        Agent = "desk",
        DetailJson = detail is null ? null : JsonText.Of(detail),
        TrippedAt = Now.AddMinutes(-1),
        HandoffId = handoff,
        Stopped = then == BreakerOutcome.Stop,
    };

    private async Task TripAsync(BreakerTrip trip, string session = "s-1", ControlState control = ControlState.Stopped)
    {
        var row = Session(session);
        row.Control = control;
        row.CostNanos = 2_310_000_000;
        row.Restate();
        await SaveAsync(null, Agent("desk"), row, trip, new Handoff
        {
            Id = trip.HandoffId,
            Team = "default",
            Kind = HandoffKind.Breaker,
            SessionId = session,
            Agent = "desk",
            Summary = TripWords.Sentence(trip),
            ReasonsJson = "[]",
            OnTimeout = "hold",
            OpenedAt = Now.AddMinutes(-1),
        });
    }
}

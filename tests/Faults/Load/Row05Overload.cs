using System.Globalization;
using Handrail.Faults.Decisions;
using Handrail.Store;
using Microsoft.EntityFrameworkCore;

namespace Handrail.Faults.Load;

/// <summary>Row 5: ten times as much telemetry as the console can take, for minutes, and what agents and people get meanwhile.</summary>
public sealed class Row05Overload
{
    private const int Times = 10;
    private const int GateCallsPerSecond = 20;
    private const int SentAgain = 20;
    private const long MostMemory = 1_000_000_000;

    private static readonly TimeSpan GateWithin = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan StopWithin = TimeSpan.FromMilliseconds(250);

    [Theory, Databases]
    public async Task Row_05_under_ten_times_what_it_can_take_memory_is_bounded_every_refusal_says_when_to_come_again_and_gate_and_stops_go_on(DatabaseProvider provider)
    {
        await using var console = await ConsoleProcess.StartAsync(await Suite.SettingsAsync(provider));
        await GateLoad.PrepareAsync(console);
        using var admin = console.AsAdministrator();
        var key = (await admin.PostAsync("/api/v1/keys", new { name = "another" })).Expect(200, 201).Text("key");
        using var calls = new SteadyCalls(console, key);
        using var flood = new Flood(console);
        using var enough = new CancellationTokenSource();
        var beside = Task.WhenAll(calls.AskAsync(GateCallsPerSecond, enough.Token), calls.StopAsync(enough.Token));

        // The first seconds are the runtime's, which compiles what is used.
        await flood.TakeAsync(TimeSpan.FromSeconds(Suite.Of(3, 20)));
        var takes = await flood.TakeAsync(TimeSpan.FromSeconds(Suite.Of(4, 20)));
        calls.Forget();
        var length = TimeSpan.FromSeconds(Suite.Of(15, 120));
        var taken = await flood.OfferAsync(Times * takes, length);
        await enough.CancelAsync();
        await beside;
        var refused = flood.Refused;
        await flood.DeliverAsync(SentAgain);

        var peak = Vitals.Peak(console.Id);
        var (gate, stop) = (Figures.Share(calls.Asked, 0.99), Figures.Share(calls.Stops, 0.99));
        Figures.Say("Row 5", provider, string.Create(CultureInfo.InvariantCulture,
            $"takes {takes * Flood.SpansInRequest:n0} spans/s, was offered {Times} times that for {length.TotalSeconds:0} s and took {taken * Flood.SpansInRequest:n0} spans/s; {refused} requests told when to come again, {flood.CutOff} cut off, {flood.NotOffered} not offered for want of room here; at most {peak / 1e6:0} MB; gate p50 {Figures.Median(calls.Asked).TotalMilliseconds:0} ms, p99 {gate.TotalMilliseconds:0} ms of {calls.Asked.Count}; stop accepted after {Figures.Median(calls.Stops).TotalMilliseconds:0} ms (worst of {calls.Stops.Count}: {calls.Stops.Max().TotalMilliseconds:0})"),
            await Suite.DiskOfAsync(console));
        Assert.Empty(flood.Faults);
        Assert.True(refused > 0, "Nothing was refused: this was no overload.");
        await calls.ExpectStoppedAsync();
        await ExpectStoredOnceAsync(console, flood);
        Assert.True(peak < MostMemory, $"It held {peak} bytes at once.");

        // The short run is over before the runtime has compiled all for good, and shares its machine with other tests.
        Assert.True(!LongRun.Wanted || (gate <= GateWithin && stop <= StopWithin), $"The gate's p99 was {gate.TotalMilliseconds:0} ms, of orders to stop {stop.TotalMilliseconds:0} ms.");
    }

    /// <summary>All that was acknowledged is there, nothing twice, and the sessions come to what is there.</summary>
    private static async Task ExpectStoredOnceAsync(ConsoleProcess console, Flood flood)
    {
        await using var db = Suite.Open(console.Store);
        var stored = await db.Steps.Where(s => s.SessionId.StartsWith(Flood.Sessions)).GroupBy(s => s.TraceId).Select(t => new { t.Key, Spans = t.Count() }).ToDictionaryAsync(t => t.Key, t => t.Spans);
        Assert.All(stored.Values, spans => Assert.Equal(SpanPattern.SpansInTurn, spans));
        Assert.Equal(flood.Acknowledged.Count, flood.Acknowledged.Distinct().Count());
        Assert.DoesNotContain(flood.Acknowledged.SelectMany(flood.TracesOf), trace => !stored.ContainsKey(trace));

        var spans = stored.Count * (long)SpanPattern.SpansInTurn;
        var told = await db.Sessions.Where(s => s.Id.StartsWith(Flood.Sessions)).GroupBy(_ => 1).Select(all => new { Steps = all.Sum(s => (long)s.Steps), In = all.Sum(s => s.InputTokens) }).SingleAsync();
        Assert.Equal((spans, spans / Flood.SpansInRequest * flood.TokensInRequest), (told.Steps, told.In));
    }
}

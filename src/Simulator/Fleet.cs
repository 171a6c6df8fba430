using System.Diagnostics;
using Handrail.Client;
using Handrail.Simulator.Agents;
using Handrail.Simulator.Playing;
using OpenTelemetry.Trace;

namespace Handrail.Simulator;

/// <summary>Keeps sessions going: several at once from the start, a new one every few seconds, never more than can be looked at.</summary>
internal sealed class Fleet : IAsyncDisposable
{
    private static readonly TimeSpan Goodbye = TimeSpan.FromSeconds(1);

    private readonly SimulatorOptions _options;
    private readonly Pace _pace;
    private readonly TextWriter _log;
    private readonly IReadOnlyList<AgentScript> _scripts;
    private readonly Dictionary<string, AgentTelemetry> _telemetry;
    private readonly Dictionary<string, HandrailClient> _clients;
    private readonly string _stamp;
    private readonly Occupancy _occupancy;
    private string? _lastProblem;

    public Fleet(SimulatorOptions options, TimeProvider clock, TextWriter log, Action<TracerProviderBuilder>? export = null)
    {
        _options = options;
        _pace = new Pace(options.Speed, clock);
        _log = TextWriter.Synchronized(log);
        _scripts = AllScripts();
        _occupancy = new Occupancy(options.AtOnce);
        _telemetry = _scripts.SelectMany(script => script.Agents)
            .ToDictionary(agent => agent.Name, agent => new AgentTelemetry(agent, export ?? AgentTelemetry.ToConsole(options.Otlp, options.Key)));
        _clients = _scripts.ToDictionary(script => script.Name, script => new HandrailClient(new HandrailClientOptions
        {
            Endpoint = options.Url,
            ApiKey = options.Key,
            Agent = script.Name,
            AgentVersion = script.Agents[0].Version,
            TimeProvider = clock,
        }));

        // Two runs against the same console must not meet in one session.
        _stamp = clock.GetUtcNow().ToUnixTimeSeconds().ToString("x", System.Globalization.CultureInfo.InvariantCulture);
    }

    public static IReadOnlyList<AgentScript> AllScripts() =>
        [new ExpenseApprover(), new EscalationBot(), new DealershipChat(), new ClaimsTriage(), new EmailAssistant(), new ResearchPair()];

    /// <summary>Plays until cancelled, or until the asked number of sessions has ended.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        var playing = new List<Task>();
        try
        {
            using var preparation = new Preparation(_options, _pace.Clock, _log);
            await preparation.WaitForConsoleAsync(cancellationToken);
            await preparation.PublishPoliciesAsync(_scripts, cancellationToken);
            await _log.WriteLineAsync($"{_telemetry.Count} agents at work against {_options.Url}");

            var played = new Dictionary<AgentScript, int>();
            for (var ordinal = 0; _options.Sessions == 0 || played.Values.Sum() < _options.Sessions; ordinal++)
            {
                await _occupancy.RoomAsync(cancellationToken);
                var (id, chance) = ($"{_stamp}-{ordinal:000}", Chance(ordinal));
                var script = ordinal < _scripts.Count ? _scripts[ordinal] : Cast(chance);
                if (!_occupancy.IsStuck(script.Name))
                {
                    var nth = played.GetValueOrDefault(script);
                    played[script] = nth + 1;
                    playing.Add(Task.Run(() => PlayAsync(script, $"{script.Name}-{id}", nth, chance, cancellationToken), CancellationToken.None));
                    playing.RemoveAll(session => session.IsCompleted);
                }

                // The first ones come together: whoever opens the console now sees a fleet at work.
                var opening = ordinal < _scripts.Count + 2;
                await _pace.TakeAsync(opening ? 0.25 : 3 + (3 * Chance(ordinal).NextDouble()), cancellationToken);
            }

            await Task.WhenAll(playing);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            await Task.WhenAll(playing);
        }
    }

    public async ValueTask DisposeAsync()
    {
        await Task.WhenAll(_telemetry.Values.Select(telemetry => Task.Run(telemetry.Dispose)));
        foreach (var client in _clients.Values)
        {
            await client.DisposeAsync();
        }
    }

    private async Task PlayAsync(AgentScript script, string id, int nth, Random chance, CancellationToken cancellationToken)
    {
        using var seat = _occupancy.Take(script.Name);
        Activity.Current = null;
        var casting = new Casting(chance, nth, EasyOnly: nth > 0 && _occupancy.PeopleAreBusy(script.Name));
        var opening = script.Open(casting);
        try
        {
            await using var session = await _clients[script.Name].OpenSessionAsync(
                id, opening.User, opening.Title, metadata: opening.Metadata, cancellationToken: cancellationToken);
            await PlayAsync(script, session, casting, opening, seat, cancellationToken);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // The simulator ends; what could still be said has been.
        }
        catch (HandrailException problem)
        {
            await ComplainAsync(script.Name, problem.Message, cancellationToken);
        }
    }

    private async Task PlayAsync(
        AgentScript script, HandrailSession session, Casting casting, Opening opening, Occupancy.Seat seat, CancellationToken cancellationToken)
    {
        using var either = CancellationTokenSource.CreateLinkedTokenSource(session.Stopped, cancellationToken);
        var run = new Run(session, casting, opening, _telemetry, _pace, seat.WaitsForPerson, either.Token);
        Outcome outcome;
        try
        {
            outcome = await script.PlayAsync(run);
        }
        catch (SimulatedFailureException failure)
        {
            outcome = new Outcome(SessionOutcome.Failed, failure.Message);
        }
        catch (OperationCanceledException) when (session.Stopped.IsCancellationRequested)
        {
            return;
        }
        catch (OperationCanceledException)
        {
            outcome = new Outcome(SessionOutcome.Abandoned, "The simulation was ended");
        }

        using var patience = new CancellationTokenSource(Goodbye, _pace.Clock);
        using var end = CancellationTokenSource.CreateLinkedTokenSource(
            session.Stopped, cancellationToken.IsCancellationRequested ? patience.Token : cancellationToken);
        try
        {
            await session.EndAsync(outcome.Result, outcome.Summary, outcome.Value, outcome.Units, end.Token);
        }
        catch (OperationCanceledException)
        {
            // Stopped at the very end, or the console went first.
        }
    }

    private AgentScript Cast(Random chance)
    {
        var at = chance.Next(_scripts.Sum(script => script.Weight));
        return _scripts.First(script => (at -= script.Weight) < 0);
    }

    // Spread so that neighbouring sessions do not draw alike.
    private Random Chance(int ordinal) => new(unchecked((_options.Seed * 1_000_003) ^ (ordinal * 7_919)));

    private async Task ComplainAsync(string agent, string problem, CancellationToken cancellationToken)
    {
        var line = $"{agent}: {problem}";
        if (Interlocked.Exchange(ref _lastProblem, line) != line)
        {
            await _log.WriteLineAsync(line);
        }

        // Whatever is wrong (a revoked key, say), trying the next session at once would not mend it.
        await _pace.TakeAsync(5, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }
}

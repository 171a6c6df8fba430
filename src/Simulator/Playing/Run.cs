using System.Diagnostics;
using Handrail.Client;

namespace Handrail.Simulator.Playing;

/// <summary>One session as its script plays it.</summary>
internal sealed class Run(
    HandrailSession session,
    Casting casting,
    Opening opening,
    IReadOnlyDictionary<string, AgentTelemetry> telemetry,
    Pace pace,
    Action<bool> waitsForPerson,
    CancellationToken cancellationToken)
{
    private int _actions;

    public HandrailSession Session => session;

    public Casting Casting => casting;

    public Random Random => casting.Random;

    public Opening Opening => opening;

    public Pace Pace => pace;

    /// <summary>Ends with the session's stop and with the simulator.</summary>
    public CancellationToken Token => cancellationToken;

    /// <summary>Tokens that the conversation has grown to: what the next call to a model reads again.</summary>
    public int ContextTokens { get; set; }

    /// <summary>One turn: a trace of its own, with the agent at its root.</summary>
    public async Task TurnAsync(AgentIdentity agent, string request, Func<Turn, Task> play)
    {
        await session.WaitWhilePausedAsync(cancellationToken);
        Activity.Current = null;
        var voice = telemetry[agent.Name];
        using var activity = voice.Source.StartActivity($"invoke_agent {agent.Name}");
        var turn = new Turn(this, voice, activity, request);
        try
        {
            await play(turn);
            activity?.SetStatus(ActivityStatusCode.Ok);
        }
        catch (SimulatedFailureException failure)
        {
            activity?.SetStatus(ActivityStatusCode.Error, failure.Message);
            activity?.SetTag("error.type", failure.Kind);
            throw;
        }
    }

    /// <summary>Time that passes between two things, as when a customer types.</summary>
    public async Task RestAsync(double from, double to)
    {
        await pace.TakeAsync(from + (Random.NextDouble() * (to - from)), cancellationToken);
        await session.WaitWhilePausedAsync(cancellationToken);
    }

    /// <summary>Asks the gate, and waits for a person where one decides.</summary>
    public async Task<ActionDecision> AskAsync(AgentAction action)
    {
        waitsForPerson(true);
        try
        {
            return await session.RequestAsync(action with { ActionId = $"a-{++_actions}" }, cancellationToken);
        }
        finally
        {
            waitsForPerson(false);
        }
    }

    public async Task<PersonAnswer> AskPersonAsync(PersonQuestion question)
    {
        waitsForPerson(true);
        try
        {
            return await session.AskPersonAsync(question, cancellationToken);
        }
        finally
        {
            waitsForPerson(false);
        }
    }

    public T Pick<T>(IReadOnlyList<T> from) => from[Random.Next(from.Count)];

    public bool Chance(double share) => Random.NextDouble() < share;
}

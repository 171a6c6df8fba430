using System.Text.Json;
using Handrail.Access;
using Handrail.Breakers;
using Handrail.Ingest;
using Handrail.Policy;
using Handrail.Sessions;
using Handrail.Store;

namespace Handrail.Actions;

/// <summary>What an agent asks, as read from its request.</summary>
public sealed record GateQuestion(ActionRequest Request)
{
    public string? Summary { get; init; }

    public JsonElement? Arguments { get; init; }

    public JsonElement? Citations { get; init; }

    public JsonElement? Checks { get; init; }

    /// <summary>SHA-256 over the canonical body: another body under the same action id is refused.</summary>
    public required string Digest { get; init; }
}

/// <summary>
/// An agent asks leave. The decision, its reasons and the facts it was made with are committed before it is answered; the same
/// question again gets the same answer. Questions that come while a commit is under way share the next one, each key an equal part of it.
/// </summary>
public sealed class AskGate(HandrailStore store, ActionGate gate, BreakerWatch breakers, OrderLatch latch, TimeProvider time)
{
    /// <summary>Questions decided in one transaction. A stop waits for at most one.</summary>
    private const int MostTogether = 256;

    /// <summary>Questions that may wait; more are told to come again. A few seconds' work.</summary>
    private const int MostWaiting = 10_000;

    private readonly Lock _lock = new();
    private readonly GateQueue _waiting = new(MostWaiting);
    private bool _deciding;

    /// <exception cref="Refusal">
    /// Another agent or team, another body under the same id, a key that was revoked, a session that is paused or taken over, or too much at once, of all or of this key.
    /// </exception>
    /// <remarks>While the database has not taken a stop, the answer is that stop, and stands in no record.</remarks>
    public async Task<GateAnswer> HandleAsync(Caller caller, string sessionId, GateQuestion question, CancellationToken cancel)
    {
        caller.DemandAgent(question.Request.Agent);
        if (Latched(caller, sessionId, question) is { } stop)
        {
            return stop;
        }

        // Looked at once more: what was decided meanwhile is void as soon as the stop is written down.
        var answer = await DecideAsync(new GateCall(caller, sessionId, question), cancel);
        return Latched(caller, sessionId, question) ?? answer;
    }

    private GateAnswer? Latched(Caller caller, string sessionId, GateQuestion question) => latch.Ruling(sessionId, question.Request.Agent) switch
    {
        null => null,
        { State: ControlState.Stopped } order => LatchedStop.Answer(caller, sessionId, question, order, time.GetUtcNow()),
        var order => throw LatchedStop.Held(order),
    };

    private Task<GateAnswer> DecideAsync(GateCall call, CancellationToken cancel)
    {
        lock (_lock)
        {
            _waiting.Add(call);
            if (!_deciding)
            {
                _deciding = true;
                _ = Task.Run(DecideAllAsync, CancellationToken.None);
            }
        }

        return call.Answered.WaitAsync(cancel);
    }

    private async Task DecideAllAsync()
    {
        while (Next() is { Count: > 0 } calls)
        {
            await DecideAsync(calls);
        }
    }

    private List<GateCall> Next()
    {
        lock (_lock)
        {
            var next = _waiting.Take(MostTogether);
            _deciding = next.Count > 0;
            return next;
        }
    }

    /// <summary>Decides on all together; where one is at fault that nobody foresaw, each alone, so that it takes no neighbour with it.</summary>
    private async Task DecideAsync(List<GateCall> calls)
    {
        GateOutcome[] outcomes;
        try
        {
            outcomes = await store.WriteAsync(unit => new GateBatch(unit, store.Provider, gate, store.Audit, calls).DecideAsync(CancellationToken.None), CancellationToken.None);
        }
        catch (Exception e)
        {
            if (calls.Count > 1 && IngestFailure.BlamesData(e))
            {
                foreach (var call in calls)
                {
                    await DecideAsync([call]);
                }
            }
            else
            {
                calls.ForEach(c => c.Fail(e));
            }

            return;
        }

        breakers.Notice();
        for (var i = 0; i < outcomes.Length; i++)
        {
            switch (outcomes[i])
            {
                case { Answer: { } answer }:
                    calls[i].Answer(answer);
                    break;
                case { Refused: { } refused }:
                    calls[i].Fail(refused);
                    break;
                default:
                    lock (_lock)
                    {
                        _waiting.PutBack(calls[i]);
                    }

                    break;
            }
        }
    }
}

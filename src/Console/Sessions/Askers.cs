using Handrail.Telemetry;

namespace Handrail.Sessions;

/// <summary>
/// Who asked what a model call was asked. To its model, an agent that another one calls or hands over to is always spoken to by a
/// "user": the steps tell which agent that was.
/// </summary>
public sealed class Askers
{
    private readonly IReadOnlyList<SessionStep> _steps;
    private readonly Dictionary<(string Trace, string Span), SessionStep> _byId = [];
    private readonly HashSet<string> _agents;

    /// <param name="steps">In the order they began.</param>
    public Askers(IReadOnlyList<SessionStep> steps)
    {
        _steps = steps;
        _agents = steps.Select(s => s.Agent).OfType<string>().ToHashSet(StringComparer.Ordinal);
        foreach (var step in steps)
        {
            _byId[(step.TraceId, step.SpanId)] = step;
        }
    }

    /// <summary>The agent that asked; null where it was the user, for all that is known.</summary>
    /// <param name="named">The name that the message itself carries.</param>
    public string? Of(SessionStep call, string? named)
    {
        if (named is not null && named != call.Agent && _agents.Contains(named))
        {
            return named;
        }

        return call.Agent is { } asked ? Caller(call, asked) ?? Giver(call, asked) : null;
    }

    /// <summary>The agent within whose step the asked one works.</summary>
    private string? Caller(SessionStep call, string asked)
    {
        var walked = 0;
        for (var at = call; at.ParentSpanId is { } parent && _byId.TryGetValue((at.TraceId, parent), out var above) && walked++ < _steps.Count; at = above)
        {
            if (above.Agent is { } agent && agent != asked)
            {
                return agent;
            }
        }

        return null;
    }

    /// <summary>The agent whose handover in an earlier turn the asked one takes up with this call: it has done nothing since.</summary>
    private string? Giver(SessionStep call, string asked)
    {
        for (var i = _steps.Count - 1; i >= 0; i--)
        {
            var step = _steps[i];
            if (step.TraceId == call.TraceId || step.StartedAt > call.StartedAt)
            {
                continue;
            }

            if (step.Agent == asked)
            {
                return null;
            }

            if (step is { Kind: StepKind.Handoff, Agent: { } giver, HandoffTarget: { } target } && AgentGraph.Same(asked, target))
            {
                return giver;
            }
        }

        return null;
    }
}

namespace Handrail.Ingest;

/// <summary>
/// The agents that the spans of a batch name: those of other teams, and those beyond what a team may have, are refused; what does not name one has its service,
/// or nobody, in its place.
/// </summary>
/// <param name="traces">The batch's, filled before anything here is asked.</param>
/// <param name="outcome">Where what is refused of a request is counted.</param>
internal sealed class NamedAgents(AgentRegistry agents, IReadOnlyCollection<TraceWork> traces, Func<IncomingRequest, RequestOutcome> outcome)
{
    /// <summary>The agent of what names none.</summary>
    public const string Nobody = "unknown";

    /// <summary>A span that names another team's agent is refused; a service that only happens to have its name gets another.</summary>
    public async Task RefuseAsync(CancellationToken cancel)
    {
        var fresh = traces.SelectMany(t => t.Fresh).ToList();
        var names = new HashSet<string>(StringComparer.Ordinal) { Nobody };
        foreach (var step in fresh)
        {
            if (step.Row.OwnAgent is { } own)
            {
                names.Add(own);
            }

            if (step.Row.ServiceName is { } service)
            {
                names.Add(service);
            }
        }

        await agents.LoadAsync(names, cancel);
        foreach (var trace in traces)
        {
            trace.Refuse(s => s.Row.OwnAgent is { } agent && agents.IsForeign(agent, trace.Trace.Team) ? "the agent belongs to another team" : null, outcome);
        }

        foreach (var step in fresh)
        {
            var team = step.Incoming!.Request.Caller.Team!;
            if (step.Row.ServiceName is { } service && agents.IsForeign(service, team))
            {
                names.Add(step.Row.ServiceName = Own(service, team));
            }
        }

        await agents.LoadAsync(names, cancel);
        await RefuseTooManyAsync(fresh, cancel);
    }

    /// <summary>The agent of what names none, in this team.</summary>
    public string StandIn(string team) => agents.IsForeign(Nobody, team) ? Own(Nobody, team) : Nobody;

    /// <summary>Puts the agents that did a step into the registry.</summary>
    public async Task NoteAsync(CancellationToken cancel)
    {
        await agents.LoadAsync(traces.SelectMany(t => t.Steps).Select(s => s.Row.Agent!), cancel);
        var seen = new Dictionary<string, (string Team, string? Version)>(StringComparer.Ordinal);
        foreach (var trace in traces)
        {
            foreach (var step in trace.Fresh)
            {
                // The version is the agent's where the span names the agent, or nothing else does.
                var version = step.Row.OwnAgent == step.Row.Agent || step.Row.ServiceName == step.Row.Agent ? step.Incoming!.AgentVersion : null;
                var before = seen.GetValueOrDefault(step.Row.Agent!).Version;
                seen[step.Row.Agent!] = (trace.Trace.Team, version ?? before);
            }
        }

        await agents.NoteAsync(seen, cancel);
    }

    /// <summary>Names are the senders' to choose: beyond what a team may have, a span that names another agent is refused, and a service makes none.</summary>
    private async Task RefuseTooManyAsync(List<TraceStep> fresh, CancellationToken cancel)
    {
        var wanted = new HashSet<(string Name, string Team)>();
        foreach (var step in fresh)
        {
            // A service stands in only where the span names no agent.
            if ((step.Row.OwnAgent ?? step.Row.ServiceName) is { } name && !agents.IsKnown(name))
            {
                wanted.Add((name, step.Incoming!.Request.Caller.Team!));
            }
        }

        if (wanted.Count == 0 || await agents.WithoutRoomAsync(wanted, cancel) is not { Count: > 0 } excess)
        {
            return;
        }

        foreach (var trace in traces)
        {
            trace.Refuse(s => s.Row.OwnAgent is { } agent && excess.Contains(agent) ? Agents.Agent.TooMany : null, outcome);
        }

        foreach (var step in fresh.Where(s => s.Row.ServiceName is { } service && excess.Contains(service)))
        {
            step.Row.ServiceName = null;
        }
    }

    private static string Own(string name, string team) => $"{name}@{team}";
}

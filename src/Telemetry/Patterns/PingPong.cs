namespace Handrail.Telemetry;

/// <summary>Agents that hand to one another and get nowhere.</summary>
/// <param name="Count">Times the work was handed on since there last was progress, among agents that had it before.</param>
/// <param name="Agents">Who hands to one another, in the order they had it first.</param>
public readonly record struct PingPong(int Count, IReadOnlyList<string> Agents)
{
    /// <summary>
    /// Looks through the last calls of a session, or of sessions that belong together. Progress is a call of a tool or a look-up that was not
    /// made before with the same outcome, a person's word, an agent that had not been in it, or a request that begins with the same agent as
    /// the one before it did. Words of models are none: agents that talk to one another never say quite the same.
    /// </summary>
    /// <param name="calls">In the order they began.</param>
    public static PingPong Of(ReadOnlySpan<Call> calls)
    {
        var run = new Run();
        bool oneAgent = OneAgent(calls);
        var done = new HashSet<(long, long?)>();
        for (int i = 0; i < calls.Length; i++)
        {
            Call call = calls[i];
            if (!oneAgent && IsAskedAnew(calls, i))
                run.Begin(call.Agent);
            if (IsProgress(call, done))
                run.Begin(oneAgent ? run.Holder ?? call.Agent : call.Agent);

            // One that works while another still does was not handed anything by it.
            else if (!oneAgent && (i == 0 || calls[i - 1].Agent == call.Agent || call.StartedAt >= calls[i - 1].EndedAt))
                run.HandTo(call.Agent);
            if (oneAgent && call is { Kind: StepKind.Handoff, Target: { } target })
                run.HandTo(target);
        }

        return run.Result;
    }

    /// <summary>Where every call is told of under one name, only the handoffs tell who has the work.</summary>
    private static bool OneAgent(ReadOnlySpan<Call> calls)
    {
        foreach (Call call in calls)
        {
            if (call.Agent != calls[0].Agent)
                return false;
        }

        return true;
    }

    /// <summary>A trace that begins with the agent that the one before it began with: somebody asks again, and nobody handed anything back.</summary>
    private static bool IsAskedAnew(ReadOnlySpan<Call> calls, int at) =>
        at > 0 && calls[at].Trace != calls[at - 1].Trace && First(calls, calls[at].Trace) == at && calls[First(calls, calls[at - 1].Trace)].Agent == calls[at].Agent;

    private static int First(ReadOnlySpan<Call> calls, string trace)
    {
        int first = 0;
        while (calls[first].Trace != trace)
            first++;
        return first;
    }

    private static bool IsProgress(Call call, HashSet<(long, long?)> done) => call.Kind switch
    {
        StepKind.Human => true,
        StepKind.Tool or StepKind.Retrieval or StepKind.Embedding => call.Asked is not { } asked || done.Add((asked, call.Got)),
        _ => false,
    };

    private sealed class Run
    {
        private readonly List<string> _holders = [];

        public string? Holder => _holders.Count == 0 ? null : _holders[^1];

        public PingPong Result
        {
            get
            {
                // What came before the first agent that has it again is only the way there.
                for (int first = 0; first < _holders.Count; first++)
                {
                    if (_holders.LastIndexOf(_holders[first]) > first)
                        return new PingPong(_holders.Count - 1 - first, [.. _holders.Skip(first).Distinct(StringComparer.Ordinal)]);
                }

                return new PingPong(0, []);
            }
        }

        public void Begin(string agent)
        {
            _holders.Clear();
            _holders.Add(agent);
        }

        public void HandTo(string agent)
        {
            if (Holder == agent)
                return;

            // Somebody new may bring it on: once there is a to and fro, that is something else that happens.
            if (!_holders.Contains(agent) && Result.Count > 0)
                Begin(Holder!);
            _holders.Add(agent);
        }
    }
}

namespace Handrail.Sessions;

/// <summary>A trace and the session it belongs to, which may become known late.</summary>
public sealed class Trace
{
    public required string TraceId { get; set; }

    public required string Team { get; set; }

    /// <summary>The session of its steps that name none themselves: the trace's own id until a span brings one.</summary>
    public required string SessionId { get; set; }

    public int Steps { get; set; }

    /// <summary>When its first step was committed: its rows are looked for from there on.</summary>
    public DateTimeOffset FirstReceivedAt { get; set; }

    /// <summary>When its newest step was committed: what retention counts from.</summary>
    public DateTimeOffset LastReceivedAt { get; set; }

    /// <summary>What its steps said has not been cleared away yet.</summary>
    public bool KeepsContent { get; set; } = true;
}

/// <summary>One user request and all that followed from it: normally one trace.</summary>
public sealed class Turn
{
    public required string SessionId { get; set; }

    public required string TraceId { get; set; }

    public int Steps { get; set; }

    public DateTimeOffset StartedAt { get; set; }
}

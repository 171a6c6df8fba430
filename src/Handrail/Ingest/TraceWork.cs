using Handrail.Sessions;
using Handrail.Telemetry;

namespace Handrail.Ingest;

/// <summary>A trace that a batch touches: what is stored of it and what comes in.</summary>
/// <param name="trace">As it is stored.</param>
/// <param name="isNew">This transaction made it: there are no steps of it yet.</param>
internal sealed class TraceWork(Trace trace, bool isNew)
{
    private readonly HashSet<string> _spans = new(StringComparer.Ordinal);
    private readonly (int Steps, string Session, DateTimeOffset First, DateTimeOffset Last) _stored = Row(trace);

    public Trace Trace { get; } = trace;

    public bool HasStoredSteps => !isNew && _stored.Steps > 0;

    /// <summary>Its row is not what is stored.</summary>
    public bool IsChanged => Row(Trace) != _stored;

    public List<TraceStep> Steps { get; } = [];

    public IEnumerable<TraceStep> Fresh => Steps.Where(s => s.Incoming is not null);

    /// <summary>What the trace says of each step, as of the last <see cref="Read"/>.</summary>
    public StepReading[] Readings { get; private set; } = [];

    /// <summary>Adds a step; false when the trace has that span already.</summary>
    public bool Add(TraceStep step)
    {
        if (!_spans.Add(step.Row.SpanId))
        {
            return false;
        }

        Steps.Add(step);
        return true;
    }

    /// <summary>Takes out incoming steps that are refused.</summary>
    /// <returns>True when there were any.</returns>
    public bool Refuse(Func<TraceStep, string?> why, Func<IncomingRequest, RequestOutcome> outcome) => Steps.RemoveAll(step =>
    {
        if (step.Incoming is not { } incoming || why(step) is not { } reason)
        {
            return false;
        }

        outcome(incoming.Request).Reject(reason);
        _spans.Remove(step.Row.SpanId);
        return true;
    }) > 0;

    /// <summary>Brings the trace's row up to its steps.</summary>
    public void Settle()
    {
        Trace.Steps = Steps.Count;
        Trace.SessionId = Steps.MinBy(s => s.Row.StartedAt)?.Row.SessionId ?? Trace.TraceId;
        if (Steps.Count > 0)
        {
            Trace.FirstReceivedAt = Steps.Min(s => s.Row.ReceivedAt);
            Trace.LastReceivedAt = Steps.Max(s => s.Row.ReceivedAt);
        }
    }

    /// <summary>Reads the trace as a whole and notes at each step what that says of it.</summary>
    /// <param name="session">The session that an id stands for by now.</param>
    /// <param name="nobody">The agent of a trace that names none and no service.</param>
    public void Read(Func<string, string> session, string nobody)
    {
        Readings = TraceReading.Read(Steps.ConvertAll(s => s.Node));
        for (var i = 0; i < Readings.Length; i++)
        {
            var row = Steps[i].Row;
            row.SessionId = session(Readings[i].SessionId ?? Trace.TraceId);
            row.Agent = Readings[i].Agent ?? nobody;
            row.Counts = Readings[i].Counts;
            row.CountsCost = Readings[i].CountsCost;
            row.Failed = Readings[i].Failed;
            row.IsOwn = Readings[i].IsOwn;
        }
    }

    private static (int, string, DateTimeOffset, DateTimeOffset) Row(Trace trace) => (trace.Steps, trace.SessionId, trace.FirstReceivedAt, trace.LastReceivedAt);
}

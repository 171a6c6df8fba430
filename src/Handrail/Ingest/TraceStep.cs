using Handrail.Sessions;
using Handrail.Telemetry;

namespace Handrail.Ingest;

/// <summary>What a trace has said of a step so far.</summary>
internal readonly record struct Attribution(string SessionId, string Agent, bool Counts, bool CountsCost, bool Failed, bool IsOwn);

/// <summary>A step of a trace in the transaction: one that is stored, or one that comes in.</summary>
internal sealed class TraceStep(StepRow row, Attribution? before, IncomingStep? incoming)
{
    public StepRow Row { get; } = row;

    /// <summary>What it was counted as until now; null for a step that comes in.</summary>
    public Attribution? Before { get; } = before;

    public IncomingStep? Incoming { get; } = incoming;

    public Attribution After => new(Row.SessionId, Row.Agent!, Row.Counts, Row.CountsCost, Row.Failed, Row.IsOwn);

    public StepNode Node => new(
        Row.SpanId, Row.ParentSpanId, Row.Kind, Row.OwnSession, Row.ResourceSession, Row.OwnAgent, Row.ServiceName, Row.EndUser,
        Row.InputTokens is not null || Row.OutputTokens is not null, Row.StartedAt, Row.ReportedCostNanos is not null, Row.ToolName,
        Row.Telling, Row.CallId, Row.Failed, Row.Dialect);
}

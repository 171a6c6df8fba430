using System.Runtime.InteropServices;
using Handrail.Access;
using Handrail.Sessions;
using Handrail.Telemetry;

namespace Handrail.Ingest;

/// <summary>Makes steps ready for the database: priced, redacted, packed, and refused where a name in them can't be used.</summary>
internal sealed class StepIntake(PriceTable prices)
{
    /// <summary>Ids and names that become keys and stand in URLs; the same bound as at the other doors.</summary>
    private const int LongestName = 200;

    private const int LongestError = 4_000;

    /// <summary>A model call is not believed to cost more, in US dollars: its cost is then unknown.</summary>
    private const decimal MostPerStep = 1_000_000m;

    public IncomingStep[] Prepare(IncomingRequest request, IReadOnlyList<Step> steps, Redaction redaction)
    {
        var ready = new List<IncomingStep>(steps.Count);
        var said = new Dictionary<string, (List<Step> Steps, List<IncomingStep> Incoming)>(StringComparer.Ordinal);
        foreach (var step in steps)
        {
            if (Refuse(request.Caller, step) is { } reason)
            {
                request.Reject(reason);
                continue;
            }

            var incoming = Ready(request, step, redaction);
            ready.Add(incoming);
            ref var trace = ref CollectionsMarshal.GetValueRefOrAddDefault(said, step.TraceId, out var known);
            if (!known)
            {
                trace = ([], []);
            }

            trace.Steps.Add(step);
            trace.Incoming.Add(incoming);
        }

        foreach (var (of, incoming) in said.Values)
        {
            ContentChunk.Pack(of, redaction, (i, chunk) => incoming[i].Content = chunk);
        }

        return [.. ready];
    }

    private static string? Refuse(Caller caller, Step step)
    {
        if (!IsName(step.SessionId) || !IsName(step.ResourceSessionId))
        {
            return $"a session id is longer than {LongestName} characters or has control characters in it";
        }

        if (!IsName(step.AgentName))
        {
            return $"an agent's name is longer than {LongestName} characters or has control characters in it";
        }

        return step.AgentName is { } agent && !caller.MayActFor(agent) ? "this key may not speak for the agent that the span names" : null;
    }

    private IncomingStep Ready(IncomingRequest request, Step step, Redaction redaction)
    {
        var caller = request.Caller;
        var service = IsName(step.ServiceName) ? step.ServiceName : null;
        if (caller.Agents is [var first, ..] && (service is null || !caller.MayActFor(service)))
        {
            // The key says who its sender can be; a service's name is only a last resort.
            service = first;
        }

        var cost = prices.CostOf(step);
        var (asked, got) = Prints(step);
        return new IncomingStep
        {
            Request = request,
            ServiceName = service,
            AgentVersion = Label(step.AgentVersion ?? step.ServiceVersion),
            LinkedTraceId = step.LinkedTraceId,
            Row = new StepRow
            {
                TraceId = step.TraceId,
                SpanId = step.SpanId,
                ParentSpanId = step.ParentSpanId,
                SessionId = step.TraceId,
                OwnSession = step.SessionId,
                ResourceSession = step.ResourceSessionId,
                Kind = step.Kind,
                Telling = step.Telling,
                CallId = Label(step.CallId),
                Name = Text(step.Name, LongestError)!,
                Dialect = step.Dialect,
                StartedAt = step.StartedAt,
                EndedAt = step.EndedAt,
                Failed = step.Failed,
                ErrorType = Label(step.ErrorType),
                ErrorMessage = redaction.Redact(Text(step.ErrorMessage, LongestError)),

                // A key for one agent says which agent it is where the span does not.
                OwnAgent = step.AgentName ?? (caller.Agents is [var only] ? only : null),
                ServiceName = service,
                EndUser = Label(step.EndUser),
                Provider = Label(step.Provider),
                RequestModel = Label(step.RequestModel),
                ResponseModel = Label(step.ResponseModel),
                InputTokens = step.Usage.Input,
                OutputTokens = step.Usage.Output,
                CachedTokens = step.Usage.CachedRead,
                CacheWriteTokens = step.Usage.CacheWrite,
                ReasoningTokens = step.Usage.Reasoning,
                CostNanos = Nanos(cost.Usd),
                ReportedCostNanos = Nanos(cost.Reported),
                ToolName = Label(step.ToolName),
                HandoffTarget = Label(step.HandoffTarget),
                Asked = asked,
                Got = got,
                Origins = step.Kind == StepKind.Llm ? TokenOrigins.Of(step)?.Pack() : null,
            },
        };
    }

    /// <summary>What is compared to find a loop, taken while the content is at hand.</summary>
    private static (long? Asked, long? Got) Prints(Step step) => step.Kind switch
    {
        StepKind.Tool => (ContentPrint.OfCall(step.ToolName, step.ToolArguments), ContentPrint.OfResult(step.ToolResult)),
        StepKind.Llm => (ContentPrint.OfLastMessage(step.InputMessages) ?? ContentPrint.OfMessages(step.OutputMessages), ContentPrint.OfMessages(step.OutputMessages)),
        StepKind.Retrieval or StepKind.Embedding => (ContentPrint.OfMessages(step.InputMessages), ContentPrint.OfMessages(step.OutputMessages)),
        _ => (null, null),
    };

    private static long? Nanos(decimal? usd) => usd is >= 0 and <= MostPerStep ? UsdNanos.From(usd) : null;

    private static bool IsName(string? name) => name is null || (name.Length is > 0 and <= LongestName && !name.Any(char.IsControl));

    private static string? Label(string? text) => Text(text, LongestName);

    /// <summary>Cut to a length, and without what PostgreSQL can't store.</summary>
    private static string? Text(string? text, int longest)
    {
        if (text is null)
        {
            return null;
        }

        if (text.Length > longest)
        {
            text = text[..(char.IsHighSurrogate(text[longest - 1]) ? longest - 1 : longest)];
        }

        return text.Contains('\0', StringComparison.Ordinal) ? text.Replace('\0', '\uFFFD') : text;
    }
}

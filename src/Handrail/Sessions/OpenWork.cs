using Handrail.Telemetry;

namespace Handrail.Sessions;

/// <summary>
/// What the steps of one trace leave open. Spans are sent when they end, children before their parents: while a step's parent has not come, its turn goes on,
/// and the step that ended last says what is due.
/// </summary>
internal static class OpenWork
{
    /// <summary>What is open, and when the step ended that says so; null where these steps do not say.</summary>
    /// <param name="steps">Of one trace and one session.</param>
    public static (SessionPending? Pending, DateTimeOffset At)? Of(IReadOnlyList<StepRow> steps)
    {
        var spans = new HashSet<string>(steps.Count, StringComparer.Ordinal);
        var (begin, end) = (DateTimeOffset.MaxValue, DateTimeOffset.MinValue);
        StepRow? last = null;
        for (var i = 0; i < steps.Count; i++)
        {
            var step = steps[i];
            if (step.Telling != Telling.Repeated)
            {
                spans.Add(step.SpanId);
                (begin, end) = (step.StartedAt < begin ? step.StartedAt : begin, step.EndedAt > end ? step.EndedAt : end);
                last = IsTelling(step) && (last is null || IsLater(step, last)) ? step : last;
            }
        }

        if (spans.Count == 0)
        {
            return null;
        }

        var goesOn = false;
        for (var i = 0; i < steps.Count; i++)
        {
            var step = steps[i];
            if (step.Telling != Telling.Repeated && (step.ParentSpanId is not { } parent || !spans.Contains(parent)))
            {
                if (IsTurn(step) && step.StartedAt <= begin && step.EndedAt >= end)
                {
                    return (SessionPending.Nothing, end);
                }

                goesOn |= step.ParentSpanId is not null;
            }
        }

        return (last is null ? null : Due(last, goesOn), end);
    }

    private static bool IsLater(StepRow step, StepRow than) => step.EndedAt != than.EndedAt ? step.EndedAt > than.EndedAt
        : step.StartedAt != than.StartedAt ? step.StartedAt > than.StartedAt : string.CompareOrdinal(step.SpanId, than.SpanId) > 0;

    /// <summary>A span around others, in which a turn is done. One whose parent has not come may still be a turn, asked for by a service that is not seen here; but only an agent's or a workflow's.</summary>
    private static bool IsTurn(StepRow step) => step.Telling == Telling.Span
        && (step.Kind is StepKind.Agent or StepKind.Workflow || (step.Kind == StepKind.Other && step.ParentSpanId is null));

    private static bool IsTelling(StepRow step) => step.Kind is not (StepKind.Agent or StepKind.Workflow or StepKind.Other or StepKind.Guardrail);

    private static SessionPending? Due(StepRow last, bool goesOn) => last.Kind switch
    {
        // After a model's answer that no turn is known around nothing is known: it may have been the last word.
        StepKind.Llm when last.Failed => goesOn ? SessionPending.Model : null,
        StepKind.Llm => goesOn ? SessionPending.Tool : null,

        // That a tool was let go, told before it runs.
        StepKind.Human when last.ToolName is not null => SessionPending.Tool,
        _ => SessionPending.Model,
    };
}

using Handrail.Ingest;

namespace Handrail.Sessions.Otlp;

/// <summary>Tells an agent with the answer to its telemetry what is ordered for it, and which policy holds.</summary>
internal sealed class OtlpHeaders(ControlHeaders control)
{
    /// <summary>
    /// For the one session that the request speaks of. A request may carry several sessions, of which only some are held: then it is the
    /// agent's own state that is told, and each session's with its next call.
    /// </summary>
    public async Task WriteAsync(HttpContext context, IngestReceipt? receipt, CancellationToken cancel)
    {
        if (receipt is { Sessions.Count: 1, Agents.Count: > 0 })
        {
            await control.WriteAsync(context, receipt.Sessions.First(), receipt.Agents.Count == 1 ? receipt.Agents.First() : null, cancel);
        }
        else if (receipt is { Agents.Count: 1 })
        {
            await control.WriteForAgentAsync(context, receipt.Agents.First(), cancel);
        }
    }
}

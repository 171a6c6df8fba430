using Handrail.Ingest;
using Handrail.Policies;
using Handrail.Store;

namespace Handrail.Sessions;

/// <summary>
/// Every answer to an agent says the state that rules it and the policy version in force, so that an agent whose other channels
/// are broken still hears of a stop with its next call of any kind.
/// </summary>
public sealed class ControlHeaders(ControlQueries control, PolicyQueries policies)
{
    public const string Control = "x-handrail-control";
    public const string Policy = "x-handrail-policy";

    /// <summary>Whether anything but the policy and people's orders rules the agent: <c>none</c>, or <c>more</c>.</summary>
    public const string BeyondPolicy = "x-handrail-beyond-policy";

    /// <summary>For an answer that speaks of a session.</summary>
    public async Task WriteAsync(HttpContext context, string sessionId, string? agent, CancellationToken cancel)
    {
        var (state, of) = await control.StateAsync(sessionId, agent, cancel);
        await WriteAsync(context, state, of, cancel);
    }

    /// <summary>For an answer that speaks of an agent and no session.</summary>
    public async Task WriteForAgentAsync(HttpContext context, string agent, CancellationToken cancel) =>
        await WriteAsync(context, await control.AgentStateAsync(agent, cancel), agent, cancel);

    private async Task WriteAsync(HttpContext context, ControlState state, string? agent, CancellationToken cancel)
    {
        var version = agent is null ? null : await policies.VersionAsync(agent, cancel);

        Write(context, state, version);
    }

    /// <summary>For an answer to telemetry.</summary>
    public static void Write(HttpContext context, IngestReceipt? receipt)
    {
        if (receipt?.Control is { } state)
        {
            Write(context, state, receipt.PolicyVersion);
        }
    }

    /// <summary>For an answer whose own transaction read the state and the version.</summary>
    public static void Write(HttpContext context, ControlState state, string? version)
    {
        state = ControlQueries.Strictest(state, [context.RequestServices.GetRequiredService<OrderLatch>().State(null)]);
        // As the answer starts: what is set before would be gone from an answer that turns out to be an error.
        context.Response.OnStarting(() =>
        {
            context.Response.Headers[Control] = state.Text();
            if (version is not null)
            {
                context.Response.Headers[Policy] = version;
            }

            return Task.CompletedTask;
        });
    }
}

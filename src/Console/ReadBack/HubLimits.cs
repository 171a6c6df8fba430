using System.Globalization;
using Handrail.Access;
using Microsoft.AspNetCore.SignalR;

namespace Handrail.ReadBack;

/// <summary>Refuses what comes too often over a hub, in words that say so; the connection stays, and with it what the agent hears.</summary>
public sealed class HubLimits(CallLimits limits) : IHubFilter
{
    public ValueTask<object?> InvokeMethodAsync(HubInvocationContext invocationContext, Func<HubInvocationContext, ValueTask<object?>> next)
    {
        var context = invocationContext.Context;
        var refused = limits.HubMessage(context.ConnectionId) ?? limits.Call(context.GetHttpContext()!.Caller().Id);
        return refused is null
            ? next(invocationContext)
            : throw new HubException(string.Create(CultureInfo.InvariantCulture, $"{refused.Message} Retry after {Math.Max(1, Math.Ceiling(refused.RetryAfter!.Value.TotalSeconds)):0} s."));
    }
}

using Microsoft.AspNetCore.Components.Server.Circuits;

namespace Handrail.Health;

/// <summary>Counts the pages that are connected: a tab that was put to sleep is none until it comes back.</summary>
public sealed class PagesConnected(ConnectedClients clients) : CircuitHandler
{
    public override Task OnConnectionUpAsync(Circuit circuit, CancellationToken cancellationToken)
    {
        clients.OnPages(1);
        return Task.CompletedTask;
    }

    public override Task OnConnectionDownAsync(Circuit circuit, CancellationToken cancellationToken)
    {
        clients.OnPages(-1);
        return Task.CompletedTask;
    }
}

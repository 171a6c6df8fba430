using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Yarp.ReverseProxy.Configuration;

namespace Handrail.Faults.SeveralProcesses;

/// <summary>A load balancer before several consoles, as in production: one address, each request to the next of them.</summary>
internal sealed class ReverseProxy : IAsyncDisposable
{
    private readonly WebApplication _proxy;

    private ReverseProxy(WebApplication proxy, Uri address) => (_proxy, Address) = (proxy, address);

    public Uri Address { get; }

    public static async Task<ReverseProxy> StartAsync(params IReadOnlyList<ConsoleProcess> consoles)
    {
        var address = new Uri($"http://127.0.0.1:{FreePort.Find()}/");

        // Empty: else it would read the console's own settings, and listen where those say.
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.Services.AddRouting();
        builder.WebHost.UseKestrelCore().UseUrls(address.GetLeftPart(UriPartial.Authority));
        builder.Services.AddReverseProxy().LoadFromMemory(
            [new RouteConfig { RouteId = "all", ClusterId = "consoles", Match = new RouteMatch { Path = "{**path}" }, Transforms = [new Dictionary<string, string> { ["RequestHeaderOriginalHost"] = "true" }] }],
            [
                new ClusterConfig
                {
                    ClusterId = "consoles",
                    LoadBalancingPolicy = "RoundRobin",
                    Destinations = consoles.Select((c, i) => (c, i)).ToDictionary(d => $"console{d.i}", d => new DestinationConfig { Address = d.c.Address.ToString() }),
                },
            ]);
        var proxy = builder.Build();
        proxy.MapReverseProxy();
        await proxy.StartAsync();
        return new ReverseProxy(proxy, address);
    }

    public async ValueTask DisposeAsync() => await _proxy.DisposeAsync();
}

using System.Collections.Concurrent;
using Handrail.Host;
using Handrail.Store;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Xunit;

namespace Handrail.ReadBack;

public sealed class HubLogTests
{
    [Fact]
    public async Task Threat_32_A_key_in_a_hub_s_address_stands_in_no_log_unless_the_log_of_addresses_itself_is_switched_on()
    {
        var log = new Kept();
        await using (var host = await ConsoleHost.StartAsync(
            DatabaseProvider.Sqlite,
            h => h.UseSetting("Logging:LogLevel:Default", "Trace").UseSetting("Logging:LogLevel:Microsoft.AspNetCore", "Trace").ConfigureServices(s => s.AddSingleton<ILoggerProvider>(log)),
            onPorts: true))
        {
            await using var hub = await HubListener.ConnectAsync(host.Address, ConsoleHost.AgentKey, inQuery: true);
            await hub.SubscribeAsync("desk");
            await hub.NextAsync("PolicyChanged");
        }

        Assert.Contains(log.Lines, line => line.Contains("/hubs/agents", StringComparison.Ordinal));
        Assert.DoesNotContain(log.Lines, line => line.Contains(ConsoleHost.AgentKey, StringComparison.Ordinal));
    }

    private sealed class Kept : ILoggerProvider, ILogger
    {
        public ConcurrentQueue<string> Lines { get; } = new();

        public ILogger CreateLogger(string categoryName) => this;

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
            Lines.Enqueue(formatter(state, exception) + exception);

        public void Dispose()
        {
        }
    }
}

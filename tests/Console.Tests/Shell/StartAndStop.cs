using System.Diagnostics;
using System.Net;
using System.Net.Http.Json;
using Handrail.Store;
using Handrail.Testing;

namespace Handrail.Shell;

public sealed class StartAndStop
{
    [Theory, Databases]
    public async Task Ctrl_c_ends_the_console_cleanly_and_it_starts_again_on_the_same_data(DatabaseProvider provider)
    {
        await using var console = await ConsoleProcess.StartAsync(new ConsoleSettings { Provider = provider });

        Assert.Equal(0, await console.InterruptAsync());
        await console.StartAgainAsync();

        Assert.Equal(HttpStatusCode.OK, (await console.AsStranger().GetAsync("healthz")).StatusCode);
    }

    [Fact]
    public async Task Ctrl_c_answers_whoever_holds_a_call_instead_of_waiting_it_out_or_cutting_it_off()
    {
        await using var console = await ConsoleProcess.StartAsync(
            new ConsoleSettings { Settings = new Dictionary<string, string> { ["Logging:LogLevel:Microsoft.AspNetCore.Hosting.Diagnostics"] = "Information" } });
        var agent = console.AsAgent();
        (await agent.PutAsJsonAsync("api/v1/sessions/s-1", new { agent = "desk" })).EnsureSuccessStatusCode();
        var held = agent.GetStringAsync("api/v1/sessions/s-1/control?after=0&wait=60");
        await Eventually.HoldsAsync("the console has taken the call", () => console.Log.Contains("wait=60", StringComparison.Ordinal));

        Assert.Equal(0, await console.InterruptAsync());

        Assert.Contains("\"running\"", await held);
    }

    [Fact]
    public async Task A_newcomers_first_start_reports_no_failure()
    {
        await using var console = await ConsoleProcess.StartAsync();

        Assert.DoesNotContain("fail:", console.Log);
        Assert.DoesNotContain("crit:", console.Log);
    }

    [Theory, Databases]
    public async Task A_killed_console_starts_again(DatabaseProvider provider)
    {
        await using var console = await ConsoleProcess.StartAsync(new ConsoleSettings { Provider = provider });

        await console.KillAsync();
        await console.StartAgainAsync();

        Assert.Equal(HttpStatusCode.OK, (await console.AsStranger().GetAsync("healthz")).StatusCode);
    }

    [Fact]
    public async Task Without_its_database_the_console_lives_but_is_not_ready_and_it_recovers_by_itself()
    {
        Assert.SkipWhen(PrivatePostgres.Missing is not null, PrivatePostgres.Missing ?? "");
        var cluster = await PrivatePostgres.StartAsync(durable: false);
        await using var console = await ConsoleProcess.StartAsync(
            new ConsoleSettings { Provider = DatabaseProvider.Postgres, ConnectionString = await cluster.CreateDatabaseAsync() });
        var client = console.AsStranger();

        await cluster.PauseAsync();
        await Eventually.HoldsAsync("not ready without a database", async () => (await client.GetAsync("readyz")).StatusCode == HttpStatusCode.ServiceUnavailable);
        Assert.Equal(HttpStatusCode.OK, (await client.GetAsync("healthz")).StatusCode);

        await cluster.ContinueAsync();
        await Eventually.HoldsAsync("ready again with its database", async () => (await client.GetAsync("readyz")).IsSuccessStatusCode);
        await console.InterruptAsync();
        await cluster.StopAsync();
    }

    [Fact]
    public async Task The_health_switch_tells_a_running_console_from_none()
    {
        await using var console = await ConsoleProcess.StartAsync();

        Assert.Equal(0, await AskHealthAsync(new Uri(console.Address, "healthz").ToString()));
        Assert.Equal(1, await AskHealthAsync(new Uri(console.Address, "no-such-address").ToString()));
        await console.KillAsync();
        Assert.Equal(1, await AskHealthAsync(new Uri(console.Address, "healthz").ToString()));
        Assert.Equal(2, await AskHealthAsync("nonsense"));
    }

    private static async Task<int> AskHealthAsync(string address)
    {
        using var probe = Process.Start(new ProcessStartInfo("dotnet", [Repository.Built("Console", "Console.dll"), "--health", address]) { RedirectStandardError = true })!;
        await probe.StandardError.ReadToEndAsync();
        await probe.WaitForExitAsync();
        return probe.ExitCode;
    }
}

using System.Diagnostics;
using System.Text.Json.Nodes;
using Handrail.Simulator;
using Handrail.Store;
using Handrail.Testing;
using Xunit;

namespace Handrail.Client.Tests.Simulation;

/// <summary>What a newcomer sees: the program that is shipped, against the console that is shipped.</summary>
public sealed class TheFleetAgainstTheConsole
{
    [Theory, Databases]
    public async Task Every_agent_has_a_session_that_moves_and_costs_and_a_person_has_something_to_decide(DatabaseProvider provider)
    {
        await using var console = await ConsoleProcess.StartAsync(new ConsoleSettings { Provider = provider });
        var administrator = console.AsAdministrator();
        using var fleet = Launch(console);
        try
        {
            await Eventually.HoldsAsync("each agent's session moves and costs", async () =>
            {
                var moving = (await ListAsync(administrator, "/api/v1/sessions?limit=100"))
                    .Where(session => (int?)session["turns"] > 0 && (decimal?)session["cost_usd"] > 0 && (int?)session["llm_calls"] > 0)
                    .Select(session => (string?)session["agent"])
                    .ToHashSet();
                return Fleet.AllScripts().All(script => moving.Contains(script.Name));
            });
            await Eventually.HoldsAsync("an expense and a question wait for a person", async () =>
            {
                var open = await ListAsync(administrator, "/api/v1/handoffs?status=open");
                return open.Any(handoff => (string?)handoff["type"] == "expense.approve") && open.Any(handoff => (string?)handoff["kind"] == "question");
            });

            await StopTheLoopAsync(administrator);
        }
        finally
        {
            fleet.StandardInput.Close();
        }

        using var patience = new CancellationTokenSource(Eventually.Patience);
        await fleet.WaitForExitAsync(patience.Token);
        Assert.Equal(0, fleet.ExitCode);
    }

    private static async Task StopTheLoopAsync(HttpClient administrator)
    {
        var loop = (await ListAsync(administrator, "/api/v1/sessions?agent=research-lead&limit=100")).Select(session => (string?)session["session_id"]).Order().First();
        using (var body = new StringContent("""{"reason":"They go round in circles"}""", new System.Net.Http.Headers.MediaTypeHeaderValue("application/json")))
        using (var answer = await administrator.PostAsync($"/api/v1/sessions/{loop}/stop", body))
        {
            Assert.True(answer.IsSuccessStatusCode, await answer.Content.ReadAsStringAsync());
        }

        await Eventually.HoldsAsync("the pair obeyed the stop", async () =>
            (string?)JsonNode.Parse(await administrator.GetStringAsync($"/api/v1/sessions/{loop}"))!["state"] == "stopped");
    }

    private static async Task<List<JsonNode>> ListAsync(HttpClient administrator, string path) =>
        [.. JsonNode.Parse(await administrator.GetStringAsync(path))!["items"]!.AsArray().Select(item => item!)];

    private static Process Launch(ConsoleProcess console)
    {
        string[] arguments =
        [
            Repository.Built("Simulator", "Handrail.Simulator.dll"), "--url", console.Address.ToString(), "--otlp", console.OtlpHttp.ToString(),
            "--speed", "3", "--until-stdin-closes",
        ];
        var start = new ProcessStartInfo("dotnet", arguments) { RedirectStandardInput = true };
        start.Environment["HANDRAIL_API_KEY"] = ConsoleProcess.AgentKey;
        start.Environment["HANDRAIL_ADMIN_TOKEN"] = ConsoleProcess.AdminToken;
        return Process.Start(start)!;
    }
}

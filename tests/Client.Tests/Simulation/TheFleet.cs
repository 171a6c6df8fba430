using System.Diagnostics;
using System.Text.Json.Nodes;
using Handrail.Client.Tests.Fakes;
using Handrail.Simulator;
using Handrail.Testing;
using Xunit;

namespace Handrail.Client.Tests.Simulation;

[Collection("Telemetry is heard by the whole process")]
public sealed class TheFleet
{
    private static readonly string Program = Repository.Built("Simulator", "Handrail.Simulator.dll");

    [Fact]
    public async Task At_once_each_agent_is_at_work_and_there_is_something_to_decide()
    {
        await using var console = await FakeConsole.StartAsync();
        console.Desk.Verdict = action => (string?)action["type"] == "expense.approve" && (decimal)action["amount"]! > 25 ? "review" : "allow";
        using var ending = new CancellationTokenSource();
        var spans = new SpanKeeper();
        await using (var fleet = Start(console, spans, sessions: 0))
        {
            var running = fleet.RunAsync(ending.Token);
            await console.TakenAsync(request => request.Is("GET", "/actions/a-1"));
            await Connected.UntilAsync(() => console.Desk.OpenHandoffs.Count > 0);
            await Connected.UntilAsync(() => Fleet.AllScripts().All(script => spans.All.Any(span => (string?)span.GetTagItem("gen_ai.agent.name") == script.Name)));

            await ending.CancelAsync();
            await running;
        }

        var ends = console.To("POST", "/end").Select(request => (string?)request.Json["outcome"]).ToList();
        Assert.Contains("abandoned", ends);
    }

    [Fact]
    public async Task Where_all_of_an_agents_actions_wait_for_people_the_others_go_on()
    {
        await using var console = await FakeConsole.StartAsync();
        console.Desk.Verdict = action => (string?)action["agent"] == "expense-approver" ? "review" : "allow";
        using var ending = new CancellationTokenSource();
        await using var fleet = Start(console, new SpanKeeper(), sessions: 0);
        var running = fleet.RunAsync(ending.Token);

        await Connected.UntilAsync(() => console.To("POST", "/end").Count(end => end.Path.Contains("dealership", StringComparison.Ordinal)) > 30);
        await ending.CancelAsync();
        await running;

        var expenses = console.Requests.Where(request => request.Method == "PUT" && request.Path.Contains("/expense-approver-", StringComparison.Ordinal));
        Assert.InRange(expenses.Select(request => request.Path).Distinct().Count(), 2, 10);
    }

    [Fact]
    public async Task It_ends_by_itself_after_the_sessions_it_was_asked_for_each_with_an_outcome()
    {
        await using var console = await FakeConsole.StartAsync();
        console.Always("POST", "/handoffs", request => Reply.Ok(new JsonObject
        {
            ["handoff_id"] = request.Json["handoff_id"]!.DeepClone(),
            ["status"] = "answered",
            ["answer"] = new JsonObject { ["choice"] = "decline" },
        }));
        var spans = new SpanKeeper();
        await using var fleet = Start(console, spans, sessions: 12);

        await fleet.RunAsync(CancellationToken.None);

        var opened = console.Requests.Where(request => request.Method == "PUT" && request.Path.StartsWith("/api/v1/sessions/", StringComparison.Ordinal)).ToList();
        Assert.Equal(12, opened.Select(request => request.Path).Distinct().Count());
        Assert.Equal(12, console.To("POST", "/end").Count);
        Assert.All(opened, request => Assert.NotNull(request.Json["user"]));
    }

    [Fact]
    public async Task Policies_are_published_only_where_nobody_has_published_any()
    {
        await using var console = await FakeConsole.StartAsync();
        console.Always("GET", "/agents/email-assistant/policy/own", _ => new Reply(200, """{"version":4}""").With("ETag", "\"4\""));
        using var preparation = new Preparation(
            new SimulatorOptions { Url = console.Address, Key = "hra_test", AdminToken = "hru_test" }, TimeProvider.System, TextWriter.Null);

        await preparation.PublishPoliciesAsync(Fleet.AllScripts(), CancellationToken.None);

        var published = console.Requests.Where(request => request.Method == "PUT").ToDictionary(request => request.Path);
        Assert.Equal(Fleet.AllScripts().Count, published.Count);
        Assert.Equal("\"1\"", published["/api/v1/fleet/policy"].Headers["If-Match"]);
        Assert.Equal("\"0\"", published["/api/v1/agents/expense-approver/policy/own"].Headers["If-Match"]);
        Assert.Equal("Bearer hru_test", published["/api/v1/fleet/policy"].Headers["Authorization"]);
        Assert.DoesNotContain("/api/v1/agents/email-assistant/policy/own", published.Keys);
    }

    [Fact]
    public async Task A_key_that_is_refused_is_told_once_and_ends_nothing()
    {
        await using var console = await FakeConsole.StartAsync();
        console.Always("PUT", "", _ => Reply.Refuse(401, "This key is not known."));
        var log = new StringWriter();
        await using var fleet = Start(console, new SpanKeeper(), sessions: 8, log);

        await fleet.RunAsync(CancellationToken.None);

        Assert.Contains("401 This key is not known.", log.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_program_sends_real_telemetry_again_where_asked_and_ends_when_its_input_closes()
    {
        await using var console = await FakeConsole.StartAsync();
        console.Once("POST", "/v1/traces", new Reply(503).With("Retry-After", "1"));
        using var program = Launch(console.Address, "--until-stdin-closes");
        var telemetry = await console.TakenAsync(request => request.Is("POST", "/v1/traces"));
        Assert.Equal("hra_test", telemetry.Headers["x-api-key"]);
        Assert.Equal("application/x-protobuf", telemetry.Headers["Content-Type"]);

        await console.TakenAsync(request => request.Is("POST", "/v1/traces") && request != telemetry && request.Body == telemetry.Body);
        program.StandardInput.Close();

        await EndedAsync(program);
        Assert.Equal(0, program.ExitCode);
    }

    [Fact]
    public async Task The_program_waits_for_a_console_that_is_down_and_ends_cleanly_on_a_signal()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Signals are sent with kill");
        using var program = Launch(new Uri("http://127.0.0.1:9"));
        Assert.Contains("Waiting for the console", await program.StandardError.ReadLineAsync(), StringComparison.Ordinal);

        using var kill = Process.Start("kill", ["-TERM", program.Id.ToString(System.Globalization.CultureInfo.InvariantCulture)]);

        await EndedAsync(program);
        Assert.Equal(0, program.ExitCode);
    }

    [Theory]
    [InlineData("--speed 0", "--speed")]
    [InlineData("--url nowhere", "--url")]
    [InlineData("--seed", "--seed")]
    [InlineData("--what 1", "--what")]
    [InlineData("--url http://127.0.0.1:8080", "--key is missing")]
    public void TryParse_WhatIsNotUnderstood_IsNamed(string line, string named)
    {
        Assert.False(SimulatorOptions.TryParse(line.Split(' '), _ => null, out _, out var problem));
        Assert.Contains(named, problem, StringComparison.Ordinal);
    }

    [Fact]
    public void TryParse_KeysFromTheEnvironment_NeedNotStandOnTheCommandLine()
    {
        Assert.True(SimulatorOptions.TryParse(["--seed", "7", "--speed", "2.5"], name => name + "!", out var options, out _));
        Assert.Equal(("HANDRAIL_API_KEY!", "HANDRAIL_ADMIN_TOKEN!", 7, 2.5), (options.Key, options.AdminToken, options.Seed, options.Speed));
    }

    private static Fleet Start(FakeConsole console, SpanKeeper spans, int sessions, TextWriter? log = null) => new(
        new SimulatorOptions { Url = console.Address, Key = "hra_test", Speed = 2_000, Sessions = sessions },
        TimeProvider.System,
        log ?? TextWriter.Null,
        spans.Attach);

    private static Process Launch(Uri console, params string[] more)
    {
        var start = new ProcessStartInfo("dotnet") { RedirectStandardInput = true, RedirectStandardError = true };
        string[] arguments = [Program, "--url", console.ToString(), "--otlp", console.ToString(), "--speed", "20", .. more];
        foreach (var argument in arguments)
        {
            start.ArgumentList.Add(argument);
        }

        start.Environment["HANDRAIL_API_KEY"] = "hra_test";
        return Process.Start(start)!;
    }

    private static async Task EndedAsync(Process program)
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        try
        {
            await program.WaitForExitAsync(patience.Token);
        }
        finally
        {
            if (!program.HasExited)
            {
                program.Kill();
            }
        }
    }
}

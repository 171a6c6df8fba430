using System.Collections.Concurrent;
using System.Globalization;
using System.Text.Json;
using Handrail.Client.Control;
using Handrail.Client.Tests.Fakes;
using Handrail.Client.Wire;
using Xunit;

namespace Handrail.Client.Tests;

public sealed class ReadingThePolicy
{
    [Fact]
    public async Task The_policy_is_read_once_and_then_only_asked_after()
    {
        await using var console = await FakeConsole.StartAsync();
        await using var client = Connected.Client(console);

        var policy = await client.GetPolicyAsync();
        var again = await client.GetPolicyAsync();

        Assert.Equal(("expense-approver", "1.1"), (policy.Agent, policy.Version));
        Assert.Equal("suggest", Assert.Single(policy.Layers).Policy.GetProperty("autonomy").GetString());
        Assert.Same(policy, again);
        Assert.Contains(console.Requests, request => request.Headers.GetValueOrDefault("If-None-Match") == "\"1\"" && request.Query == "");
    }

    [Fact]
    public async Task A_new_version_is_told_as_soon_as_it_is_published()
    {
        await using var console = await FakeConsole.StartAsync();
        await using var client = Connected.Client(console);
        var versions = new ConcurrentQueue<string>();
        client.PolicyChanged += (_, policy) => versions.Enqueue(policy.Version);
        await client.GetPolicyAsync();
        await console.TakenAsync(request =>
            request.Is("GET", "/policy") && request.Query == "?wait=30" && request.Headers.GetValueOrDefault("If-None-Match") == "\"1\"");

        console.Desk.Publish();
        await Connected.UntilAsync(() => versions.Count == 2);

        Assert.Equal(["1.1", "1.2"], versions);
        Assert.Equal("1.2", client.Policy!.Version);
    }

    [Theory]
    [InlineData("<html/>")]
    [InlineData("""{"agent":"somebody-else","version":"9.9","layers":[]}""")]
    [InlineData("""{"agent":"expense-approver","version":"9.9"}""")]
    [InlineData("""{"agent":"expense-approver","version":"9.9","layers":[{"scope":"agent","version":1,"policy":"autonomous"}]}""")]
    public async Task What_is_not_this_agents_policy_is_refused(string body)
    {
        await using var console = await FakeConsole.StartAsync();
        await using var client = Connected.Client(console);
        console.Always("GET", "/policy", _ => new Reply(200, body).With("ETag", "\"9\""));

        await Assert.ThrowsAsync<HandrailException>(() => client.GetPolicyAsync());

        Assert.Null(client.Policy);
    }

    [Fact]
    public async Task What_was_asked_for_before_something_newer_was_heard_does_not_take_its_place()
    {
        await using var console = await FakeConsole.StartAsync();
        var arrives = new TaskCompletionSource();
        console.Once("GET", "/policy", new Reply(200, Version("1.1")) { After = arrives.Task });
        var options = Connected.Options(console.Address);
        using var connection = new ConsoleConnection(options);
        var told = new ConcurrentQueue<string>();
        await using var channel = new PolicyChannel(connection, options, _ => { }, policy => told.Enqueue(policy.Version));

        var reading = channel.ReadAsync(CancellationToken.None);
        await console.TakenAsync(request => request.Is("GET", "/policy"));
        using var heard = JsonDocument.Parse(Version("1.2"));
        channel.Heard(heard.RootElement);
        arrives.SetResult();

        Assert.Equal("1.2", (await reading).Version);
        Assert.Equal("1.2", channel.Current!.Version);
        Assert.Equal(["1.2"], told);
    }

    [Fact]
    public async Task A_call_that_was_held_does_not_put_the_console_s_clock_forward()
    {
        await using var console = await FakeConsole.StartAsync();
        var (clock, answered, arrives) = (new NotedClock(), DateTimeOffset.UnixEpoch.AddYears(56), new TaskCompletionSource());
        console.Once("GET", "/policy", new Reply(200, Version("1.1")) { After = arrives.Task }.With("Date", answered.ToString("R", CultureInfo.InvariantCulture)));
        var options = Connected.Options(console.Address, clock);
        using var connection = new ConsoleConnection(options);
        await using var channel = new PolicyChannel(connection, options, _ => { }, _ => { });

        var reading = channel.ReadAsync(CancellationToken.None);
        await console.TakenAsync(request => request.Is("GET", "/policy"));
        clock.Advance(TimeSpan.FromSeconds(8));
        arrives.SetResult();
        await reading;

        Assert.Equal(answered, channel.Held!.ConsoleClock + channel.Held.Confirmed!.Value.Age(clock));
    }

    private static string Version(string version) => $$"""{"agent":"expense-approver","version":"{{version}}","layers":[]}""";
}

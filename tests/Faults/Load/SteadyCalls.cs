using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;

namespace Handrail.Faults.Load;

/// <summary>
/// Agents that ask the gate at a steady rate, and a person who stops a session now and then, beside whatever else goes on. Each has a thread of its own and calls without the
/// thread pool: what else this process does must not count as the console's delay. A question's delay counts from when it was due, so that a stall is not hidden by those it
/// kept back.
/// </summary>
/// <param name="console">Who is asked.</param>
/// <param name="agentKey">The agents' own key.</param>
internal sealed class SteadyCalls(ConsoleProcess console, string agentKey) : IDisposable
{
    /// <summary>Enough that a second's delay of one keeps no other back.</summary>
    private const int Askers = 20;
    private const int ActionsInSession = 100;

    private static readonly TimeSpan StopEvery = TimeSpan.FromSeconds(1);

    private readonly ConcurrentQueue<TimeSpan> _asked = new();
    private readonly ConcurrentQueue<TimeSpan> _stops = new();
    private readonly ConcurrentQueue<string> _stopped = new();
    private readonly ConcurrentBag<HttpClient> _clients = [];

    /// <summary>What was answered otherwise than the policy says, or not at all.</summary>
    public ConcurrentQueue<string> Faults { get; } = new();

    /// <summary>How long each question took.</summary>
    public IReadOnlyCollection<TimeSpan> Asked => _asked;

    /// <summary>How long each order to stop took until it was accepted.</summary>
    public IReadOnlyCollection<TimeSpan> Stops => _stops;

    /// <summary>The sessions that were stopped.</summary>
    public IReadOnlyCollection<string> Stopped => _stopped;

    /// <summary>Forgets the delays so far: those of a warm-up.</summary>
    public void Forget()
    {
        _asked.Clear();
        _stops.Clear();
    }

    /// <summary>Asks so often until it is enough.</summary>
    public Task AskAsync(double perSecond, CancellationToken enough) => Task.WhenAll(Enumerable.Range(0, Askers).Select(asker => OnItsOwnThread(http =>
    {
        var clock = Stopwatch.StartNew();
        for (var n = 0; ; n++)
        {
            var due = TimeSpan.FromSeconds(((n * Askers) + asker) / perSecond);
            if (enough.WaitHandle.WaitOne(due > clock.Elapsed ? due - clock.Elapsed : TimeSpan.Zero))
            {
                return;
            }

            // Above the limit a person looks; every twentieth is.
            var waits = n % 20 == 19;
            Ask(http, $"steady-{asker}-{n / ActionsInSession}", $"a-{n}", waits ? 48.20m : 12.50m, waits ? "review" : "allow");
            _asked.Enqueue(clock.Elapsed - due);
        }
    })));

    /// <summary>Stops a session of an agent at work each second until it is enough.</summary>
    public Task StopAsync(CancellationToken enough) => OnItsOwnThread(agent =>
    {
        using var person = Client(ConsoleProcess.AdminToken);
        for (var n = 0; !enough.WaitHandle.WaitOne(StopEvery); n++)
        {
            var session = $"halted-{n}";
            Ask(agent, session, "a-1", 12.50m, "allow");
            var begun = Stopwatch.GetTimestamp();
            Call(person, $"/api/v1/sessions/{session}/stop", new { reason = "it runs away" }, (status, _) => status is 200 or 202);
            _stops.Enqueue(Stopwatch.GetElapsedTime(begun));
            _stopped.Enqueue(session);
            Ask(agent, session, "a-2", 12.50m, "stop");
        }
    });

    /// <summary>Every stop holds: nothing goes in those sessions, and their agents are told so.</summary>
    public async Task ExpectStoppedAsync()
    {
        Assert.Empty(Faults);
        using var agent = console.AsAgent();
        foreach (var session in _stopped)
        {
            Assert.Equal("stopped", (await agent.ReadAsync($"/api/v1/sessions/{session}/control?after=0")).Expect(200).Text("state"));
            (await agent.PostAsync($"/api/v1/sessions/{session}/actions/a-1/claim", new { claim_id = "c" })).Expect(409);
        }
    }

    public void Dispose()
    {
        foreach (var client in _clients)
        {
            client.Dispose();
        }
    }

    private Task OnItsOwnThread(Action<HttpClient> work) => Task.Factory.StartNew(() => work(Client(agentKey)), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);

    private void Ask(HttpClient http, string session, string action, decimal amount, string verdict) => Call(
        http, $"/api/v1/sessions/{session}/actions",
        new { action_id = action, agent = "steady", type = "expense.approve", summary = "Approve", amount, currency = "USD", arguments = new { expense_id = action } },
        (status, body) => status == 200 && body.GetProperty("verdict").GetString() == verdict);

    private void Call(HttpClient http, string path, object body, Func<int, JsonElement, bool> expected)
    {
        try
        {
            using var request = new HttpRequestMessage(HttpMethod.Post, path) { Content = JsonContent.Create(body, options: JsonSerializerOptions.Default) };
            using var answer = http.Send(request);
            using var read = JsonDocument.Parse(answer.Content.ReadAsStream());
            if (!expected((int)answer.StatusCode, read.RootElement))
            {
                Faults.Enqueue($"{path} answered {(int)answer.StatusCode}: {read.RootElement}");
            }
        }
        catch (Exception e) when (e is HttpRequestException or OperationCanceledException or IOException or JsonException)
        {
            Faults.Enqueue($"{path}: {e.Message}");
        }
    }

    private HttpClient Client(string key)
    {
        var client = new HttpClient { BaseAddress = console.Address, Timeout = TimeSpan.FromSeconds(30), DefaultRequestHeaders = { Authorization = new AuthenticationHeaderValue("Bearer", key) } };
        _clients.Add(client);
        return client;
    }
}

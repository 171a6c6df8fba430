using System.Collections.Concurrent;
using System.Net.Http.Headers;
using System.Text.Json;
using Handrail.Handoffs;

namespace Handrail.Faults.Decisions;

/// <summary>An action that an agent asked for, and what it and the person who decided were told first.</summary>
internal sealed record AskedAction(string Session, string Id, bool Waits)
{
    public object Question => new
    {
        action_id = Id,
        agent = "desk",
        type = "expense.approve",
        summary = "Approve",
        amount = Waits ? 48.20m : 12.50m,
        currency = "USD",
        arguments = new { expense_id = Id, approved_amount = Waits ? 48.20m : 12.50m },
    };

    public string Path => $"/api/v1/sessions/{Session}/actions/{Id}";

    /// <summary>What the gate answered first.</summary>
    public string First { get; set; } = "";

    public string? Handoff { get; set; }

    /// <summary>What the person was told first: <c>approved</c> or <c>rejected</c>.</summary>
    public string? Decided { get; set; }

    /// <summary>Whether the agent was told that it has claimed and reported it.</summary>
    public bool CarriedOut { get; set; }

    /// <summary>What must be the same of every answer to the same question; numbers by what they are worth. The grant is signed anew each time.</summary>
    public static string Said(Answer answer) =>
        $"{answer["verdict"]} {answer["policy_version"]} {answer["handoff_id"]} {answer["amount"].GetDecimal():0.####} {answer["reasons"]}";
}

/// <summary>
/// Agents that ask and a person who decides, through whatever goes wrong: who is cut off or told to come later does the same again under the
/// same id, and the first answer of everything is kept, to be compared with what stands in the end.
/// </summary>
/// <param name="agents">Where the agents go, for each call anew.</param>
/// <param name="people">Where the person goes.</param>
internal sealed class GateLoad(Func<Uri> agents, Func<Uri> people) : IDisposable
{
    private const int Lanes = 4;
    private const int ActionsInSession = 5;

    /// <summary>A bad gateway is a proxy's word for a console that has gone.</summary>
    private static readonly int[] Later = [429, 502, 503, 504];

    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(50);

    private readonly HttpClient _agent = As(ConsoleProcess.AgentKey);
    private readonly HttpClient _person = As(ConsoleProcess.AdminToken);
    private readonly ConcurrentBag<AskedAction> _done = [];
    private int _again;
    private int _conflicts;

    /// <summary>What may go up to 25 USD by itself; above that a person looks.</summary>
    public static object Policy { get; } = new { autonomy = "bounded", limits = new object[] { new { type = "expense.approve", max_amount = 25, currency = "USD" } } };

    /// <summary>Actions that went all the way: asked, decided, carried out and reported, or refused.</summary>
    public int Done => _done.Count;

    public int Waited => _done.Count(a => a.Waits);

    /// <summary>Calls that were made once more.</summary>
    public int Again => Volatile.Read(ref _again);

    /// <summary>Decisions that were made again and told that they had been made.</summary>
    public int ToldWhoDecided => Volatile.Read(ref _conflicts);

    /// <summary>Answers that no client could make sense of.</summary>
    public ConcurrentQueue<string> Faults { get; } = new();

    /// <summary>Publishes the policy under which it asks.</summary>
    public static async Task PrepareAsync(ConsoleProcess console)
    {
        using var admin = console.AsAdministrator();
        (await admin.SendAsync(HttpMethod.Put, "/api/v1/fleet/policy", Policy, ifMatch: "*")).Expect(200);
    }

    public Task RunAsync(CancellationToken enough) => Task.WhenAll(Enumerable.Range(0, Lanes).Select(lane => Task.Run(
        async () =>
        {
            for (var n = 0; !enough.IsCancellationRequested; n++)
            {
                await OneAsync(new AskedAction($"g-{lane}-{n / ActionsInSession}", $"a-{n}", n % 2 == 0), rejects: n % 6 == 0);
            }
        },
        CancellationToken.None)));

    /// <summary>Everything stands as it was answered first, once, and everybody is told the same of it.</summary>
    public async Task ExpectAsync(ConsoleProcess console)
    {
        Assert.Empty(Faults);
        using var agent = console.AsAgent();
        using var admin = console.AsAdministrator();
        foreach (var asked in _done)
        {
            var again = (await agent.PostAsync($"/api/v1/sessions/{asked.Session}/actions", asked.Question)).Expect(200);
            Assert.Equal(asked.First, AskedAction.Said(again));
            Assert.Equal((asked.Decided ?? "allowed", asked.CarriedOut ? "succeeded" : "none"), (again.Text("status"), again.Text("execution")));
            if (asked.Handoff is { } handoff)
            {
                Assert.Equal(asked.Decided, (await admin.ReadAsync($"/api/v1/handoffs/{handoff}")).Expect(200).Text("status"));
                Assert.Equal(1, (await admin.ReadAsync($"/api/v1/audit?target=handoff:{handoff}")).Expect(200)["items"].GetArrayLength());
            }
        }

        Assert.True((await admin.ReadAsync("/api/v1/audit/verify")).Expect(200)["intact"].GetBoolean());
        await using var db = Suite.Open(console.Store);
        Assert.Equal(0, db.Handoffs.Count(h => h.SessionId.StartsWith("g-") && h.Status == HandoffStatus.Open));
        Assert.Equal((_done.Count, Waited), (db.Actions.Count(a => a.SessionId.StartsWith("g-")), db.Handoffs.Count(h => h.SessionId.StartsWith("g-"))));
    }

    /// <summary>One action from its question to its report.</summary>
    public async Task OneAsync(AskedAction asked, bool rejects)
    {
        var answer = await UntilAnsweredAsync(() => _agent.PostAsync(At(agents, $"/api/v1/sessions/{asked.Session}/actions"), asked.Question), 200);
        if (answer is null)
        {
            return;
        }

        asked.First = AskedAction.Said(answer);
        asked.Handoff = answer["handoff_id"].GetString();
        if (asked.Waits)
        {
            asked.Decided = await DecideAsync(asked.Handoff!, rejects ? "reject" : "approve");

            // What a person was told has been decided is told to the agent too, by whichever console.
            var heard = await UntilAnsweredAsync(() => _agent.ReadAsync(At(agents, asked.Path)), 200);
            Expect(heard?.Text("status") == asked.Decided, $"{asked.Path} is {heard?.Text("status")}, and its person was told {asked.Decided}.");
        }

        if (!asked.Waits || asked.Decided == "approved")
        {
            await UntilAnsweredAsync(() => _agent.PostAsync(At(agents, asked.Path + "/claim"), new { claim_id = asked.Id }), 200);
            var reported = await UntilAnsweredAsync(() => _agent.PostAsync(At(agents, asked.Path + "/result"), new { status = "succeeded" }), 200);
            asked.CarriedOut = reported is not null;
        }

        _done.Add(asked);
    }

    public void Dispose()
    {
        _agent.Dispose();
        _person.Dispose();
    }

    /// <returns>What the decision came to, as the person was told it: at once, or as what had been decided when they tried again.</returns>
    private async Task<string?> DecideAsync(string handoff, string verb)
    {
        var answer = await UntilAnsweredAsync(() => _person.PostAsync(At(people, $"/api/v1/handoffs/{handoff}/{verb}"), verb == "reject" ? new { reason = "No" } : new { }), 200, 409);
        if (answer is not { Status: 409 })
        {
            return answer?.Text("status");
        }

        Interlocked.Increment(ref _conflicts);
        var current = answer["current"];
        Expect(current.GetProperty("decided_by").GetString() == ConsoleProcess.AdminEmail, $"{handoff} was decided by {current.GetProperty("decided_by")}");
        return current.GetProperty("status").GetString();
    }

    private void Expect(bool held, string fault)
    {
        if (!held)
        {
            Faults.Enqueue(fault);
        }
    }

    /// <returns>Null when the answer was one that a client can't go on with.</returns>
    private async Task<Answer?> UntilAnsweredAsync(Func<Task<Answer>> call, params int[] expected)
    {
        while (true)
        {
            try
            {
                var answer = await call();
                if (expected.Contains(answer.Status))
                {
                    return answer;
                }

                if (!Later.Contains(answer.Status))
                {
                    Faults.Enqueue($"{answer.Message.RequestMessage?.RequestUri} answered {answer.Status}: {(answer.Body.ValueKind == JsonValueKind.Undefined ? "" : answer.Body)}");
                    return null;
                }
            }
            catch (Exception e) when (e is HttpRequestException or TaskCanceledException or IOException)
            {
                // Cut off: it can't know, and asks again.
            }

            Interlocked.Increment(ref _again);
            await Task.Delay(Pause);
        }
    }

    private static string At(Func<Uri> door, string path) => new Uri(door(), path).ToString();

    private static HttpClient As(string key)
    {
        var client = new HttpClient { Timeout = TimeSpan.FromSeconds(30) };
        client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", key);
        return client;
    }
}

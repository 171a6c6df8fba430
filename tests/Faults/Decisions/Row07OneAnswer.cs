using System.Collections.Concurrent;
using System.Globalization;
using Handrail.Store;

namespace Handrail.Faults.Decisions;

/// <summary>Row 7: the same question many times at once, while consoles are killed.</summary>
public sealed class Row07OneAnswer
{
    private const int AtOnce = 200;
    private const int ActionsInSession = 10;
    private const int Seed = 0x0A5;

    [Theory, Databases]
    public async Task Row_07_each_action_id_gets_one_decision_and_the_same_answer_each_time_over_kills(DatabaseProvider provider)
    {
        var (actions, tries, kills) = (Suite.Of(20, 500), Suite.Of(30, 200), Suite.Of(1, 20));
        var settings = await Suite.SettingsAsync(provider);
        var consoles = new List<ConsoleProcess> { await ConsoleProcess.StartAsync(settings) };
        if (provider == DatabaseProvider.Postgres)
        {
            // A database file has one console.
            consoles.Add(await ConsoleProcess.StartAsync(settings));
        }

        await GateLoad.PrepareAsync(consoles[0]);
        using var http = new HttpClient { DefaultRequestHeaders = { Authorization = new("Bearer", ConsoleProcess.AgentKey) } };
        var answers = new ConcurrentDictionary<int, ConcurrentDictionary<string, int>>();
        var (again, answered) = (0, 0);
        var asking = Parallel.ForEachAsync(
            Enumerable.Range(0, actions).SelectMany(a => Enumerable.Repeat(a, tries)).Index(),
            new ParallelOptions { MaxDegreeOfParallelism = AtOnce },
            async (one, _) =>
            {
                var asked = Asked(one.Item);
                for (var attempt = 0; ; attempt++)
                {
                    if (await AskAsync(http, consoles[(one.Index + attempt) % consoles.Count], asked) is { } answer)
                    {
                        answers.GetOrAdd(one.Item, static _ => new()).AddOrUpdate(AskedAction.Said(answer), 1, (_, known) => known + 1);
                        Interlocked.Increment(ref answered);
                        return;
                    }

                    Interlocked.Increment(ref again);
                    await Task.Delay(200, CancellationToken.None);
                }
            });

        var random = new Random(Seed);
        for (var kill = 0; kill < kills; kill++)
        {
            var until = actions * tries / (kills + 1) * (kill + 1);
            await Eventually.HoldsAsync("some are answered", () => Volatile.Read(ref answered) >= Math.Min(until, answered + 5_000) || asking.IsCompleted);
            var victim = consoles[random.Next(consoles.Count)];
            await victim.KillAsync();
            await victim.StartAgainAsync();
        }

        await asking;
        Assert.Equal(actions, answers.Count);
        Assert.All(answers, action => Assert.True(action.Value.Count == 1, $"Action {action.Key} was answered in {action.Value.Count} ways:\n{string.Join('\n', action.Value.Keys)}"));
        Assert.All(answers, action => Assert.Equal(tries, action.Value.Values.Sum()));
        var agent = consoles[0].AsAgent();
        for (var action = 0; action < actions; action++)
        {
            var other = Asked(action) with { Waits = !Asked(action).Waits };
            (await agent.PostAsync($"/api/v1/sessions/{other.Session}/actions", other.Question)).Expect(409);
        }

        await using (var db = Suite.Open(consoles[0].Store))
        {
            Assert.Equal((actions, actions / 2), (db.Actions.Count(), db.Handoffs.Count()));
        }

        Figures.Say("Row 7", provider, string.Create(CultureInfo.InvariantCulture,
            $"{actions} action ids × {tries} tries over {(consoles.Count == 1 ? "one process" : "two processes")}, {kills} kills, {again} calls made again: one decision each, the same answer each time, another body refused"),
            await Suite.DiskOfAsync(consoles[0]));
        foreach (var console in consoles)
        {
            await console.DisposeAsync();
        }
    }

    private static AskedAction Asked(int action) => new($"s-{action / ActionsInSession}", $"a-{action}", action % 2 == 0);

    /// <returns>Null when it is to be asked again.</returns>
    private static async Task<Answer?> AskAsync(HttpClient http, ConsoleProcess console, AskedAction asked)
    {
        try
        {
            var answer = (await http.PostAsync(new Uri(console.Address, $"/api/v1/sessions/{asked.Session}/actions").ToString(), asked.Question)).Expect(200, 503, 429);
            return answer.Status == 200 ? answer : null;
        }
        catch (HttpRequestException)
        {
            return null;
        }
    }
}

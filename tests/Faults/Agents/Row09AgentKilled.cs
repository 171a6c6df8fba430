using System.Globalization;
using Handrail.Faults.Decisions;
using Handrail.Store;
using Handrail.TestAgent;

namespace Handrail.Faults.Agents;

/// <summary>Row 9: an agent that is killed between decision, claim, act and report, at every point, and started again under the same ids.</summary>
public sealed class Row09AgentKilled
{
    private const int Seed = 0x9A6;
    private const decimal WithinTheLimit = 12.50m;
    private const decimal ForAPerson = 48.20m;

    /// <summary>An agent that does it on the decision alone.</summary>
    private const string Control = "k-hasty";

    [Theory, Databases]
    public async Task Row_09_no_irreversible_action_is_done_twice_by_an_agent_that_is_killed_at_any_point_and_each_ends_in_a_state_with_a_name(DatabaseProvider provider)
    {
        var (rounds, random) = (Suite.Of(1, 12), new Random(Seed));
        await using var console = await ConsoleProcess.StartAsync(await Suite.SettingsAsync(provider) with { Settings = new Dictionary<string, string> { ["Grants:ReportWithinSeconds"] = "1" } });
        await GateLoad.PrepareAsync(console);
        await using var book = new ErrandBook(console);
        using var payments = new PaymentReceiver(console.Address, ConsoleProcess.AgentKey);
        var folder = Directory.CreateTempSubdirectory("handrail-agent-");
        var orders = new AgentOrders { Endpoint = console.Address, Key = ConsoleProcess.AgentKey, Agent = "desk", Ledger = Path.Combine(folder.FullName, "ledger"), Payments = payments.Address, Errands = [] };
        await File.WriteAllTextAsync(orders.Ledger, "");
        var (lives, consoles, ends) = (0, 0, new SortedDictionary<string, int>(StringComparer.Ordinal));
        int Deeds(ErrandLine line) => line.Errand.ByGrant ? payments.PaidFor(line.Errand.Session) : File.ReadLines(orders.Ledger).Count(l => l == line.Errand.Session);

        for (var round = 0; round < rounds; round++)
        {
            var lines = Plan(round);

            // Its first life halts at every point there is; the next, in the long form, wherever chance says.
            for (var life = 0; life <= Suite.Of(0, 2); life++)
            {
                var told = lines.ConvertAll(l => life == 0 ? l.Errand : l.Errand with { HaltAt = Halt(random, l) });
                await using var agent = AgentProcess.Start(orders with { Errands = told });
                foreach (var line in lines.Where(l => l.By == Decider.Approves && told[lines.IndexOf(l)].HaltAt is not (HaltPoint.BeforeAsking or HaltPoint.AskedAnswerUnread or HaltPoint.Waiting)))
                {
                    await book.DecideAsync(line, agent);
                }

                await agent.AllHaltedAsync(lines.Count);
                if (life == 0)
                {
                    await ExpectAtTheKillAsync(book, lines, Deeds);
                }

                // Which of both goes first, and whether the agent's calls go on into the console's end.
                if (LongRun.Wanted && random.Next(2) == 0)
                {
                    await agent.ReleaseAsync();
                    await console.KillAsync();
                    await console.StartAgainAsync();
                    consoles++;
                }

                await agent.KillAsync();
                lives++;
                lines.ForEach(l => l.KilledAt.Add(agent.Halted.GetValueOrDefault(l.Errand.Session)));
                await Task.WhenAll(lines.Where(l => life == 0 && (l.By is Decider.Rejects or Decider.Stops)).Select(l => book.DecideAsync(l, agent)));
            }

            await using var last = AgentProcess.Start(orders with { Errands = lines.ConvertAll(l => l.Errand with { HaltAt = HaltPoint.None }) });
            await Task.WhenAll(lines.Where(l => l.By == Decider.Approves).Select(l => book.DecideAsync(l, last)));
            await last.EndedAsync();
            foreach (var line in lines)
            {
                var end = await EndAsync(book, line, Deeds(line), last.Ended.GetValueOrDefault(line.Errand.Session, "nothing"));
                ends[end] = ends.GetValueOrDefault(end) + 1;
            }
        }

        await book.IntactAsync();
        Figures.Say("Row 9", provider, string.Create(CultureInfo.InvariantCulture,
            $"{lives} kills of an agent with an errand at each of {Enum.GetValues<HaltPoint>().Length - 1} points{(consoles > 0 ? $", {consoles} of the console" : "")}: {ends.Values.Sum()} irreversible actions ({string.Join(", ", ends.Select(e => $"{e.Value} {e.Key}"))}); no other was done twice"),
            await Suite.DiskOfAsync(console));
        folder.Delete(recursive: true);
    }

    /// <summary>Every point, for what policy lets go and for what a person approves, done by the agent and by whoever takes its grant; and what a person forbids while it is dead.</summary>
    private static List<ErrandLine> Plan(int round)
    {
        var lines = new List<ErrandLine>();
        foreach (var byGrant in new[] { false, true })
        {
            foreach (var by in new[] { Decider.Policy, Decider.Approves })
            {
                lines.AddRange(Points(byGrant, by).Select(point => Line($"{by}", point, by, byGrant)));
            }

            lines.Add(Line("no", HaltPoint.Waiting, Decider.Rejects, byGrant));
            lines.Add(Line("stop", HaltPoint.Decided, Decider.Stops, byGrant));
        }

        if (round == 0)
        {
            lines.Add(new ErrandLine(new Errand(Control, "a-1", WithinTheLimit) { HaltAt = HaltPoint.Done, Hasty = true }, Decider.Policy));
        }

        return lines;

        ErrandLine Line(string name, HaltPoint point, Decider by, bool byGrant) => new(
            new Errand($"k-{round}-{name}-{point}-{(byGrant ? "grant" : "claim")}", "a-1", by is Decider.Approves or Decider.Rejects ? ForAPerson : WithinTheLimit) { HaltAt = point, ByGrant = byGrant }, by);
    }

    private static IEnumerable<HaltPoint> Points(bool byGrant, Decider by) => Enum.GetValues<HaltPoint>().Where(point => point switch
    {
        HaltPoint.None => false,
        HaltPoint.Waiting => by == Decider.Approves,
        HaltPoint.ClaimedAnswerUnread or HaltPoint.Claimed => !byGrant,
        HaltPoint.DoneAnswerUnread => byGrant,
        _ => true,
    });

    private static HaltPoint Halt(Random random, ErrandLine line)
    {
        var points = Points(line.Errand.ByGrant, line.By == Decider.Approves ? line.By : Decider.Policy).ToArray();
        return line.By is Decider.Rejects or Decider.Stops ? HaltPoint.None : points[random.Next(points.Length)];
    }

    /// <summary>What stands at the moment of the kill, and as long as nobody starts it again: the action has a name then too.</summary>
    private static async Task ExpectAtTheKillAsync(ErrandBook book, List<ErrandLine> lines, Func<ErrandLine, int> deeds)
    {
        foreach (var line in lines)
        {
            var point = line.Errand.HaltAt;
            var letGo = line.By == Decider.Approves && point is not (HaltPoint.AskedAnswerUnread or HaltPoint.Waiting) ? "approved" : "allowed";
            var status = line.By is Decider.Approves or Decider.Rejects && point is HaltPoint.AskedAnswerUnread or HaltPoint.Waiting ? "pending" : letGo;
            string[] executions = point switch
            {
                HaltPoint.AskedAnswerUnread or HaltPoint.Waiting or HaltPoint.Decided => ["none"],
                HaltPoint.ReportedAnswerUnread or HaltPoint.Reported => ["succeeded"],
                _ => line.Errand.Hasty ? ["none"] : ["claimed", "unknown"],
            };
            var stands = await book.ReadAsync(line.Errand);
            var all = $"{line.Errand.Session} at {point}: {stands}, {deeds(line)} deeds";
            Assert.True(stands is null == (point == HaltPoint.BeforeAsking), all);
            Assert.True(stands is not { } told || (told.Status == status && executions.Contains(told.Execution)), all);
            Assert.True(deeds(line) == (point >= HaltPoint.DoneAnswerUnread ? 1 : 0), all);
        }
    }

    /// <returns>The name of how it ended, once nothing of it can change by itself any more.</returns>
    private static async Task<string> EndAsync(ErrandBook book, ErrandLine line, int deeds, string said)
    {
        (string Status, string Execution)? stands = null;
        await Eventually.HoldsAsync($"{line.Errand.Session} is no longer claimed", async () => (stands = await book.ReadAsync(line.Errand)) is not { Execution: "claimed" });
        var (status, execution) = stands!.Value;
        var all = $"{line.Errand.Session}, killed at {string.Join(", ", line.KilledAt)}: {status}, {execution}, {deeds} deeds; the agent says: {said}";
        if (line.Errand.Hasty)
        {
            // The suite would see it.
            Assert.True(deeds > 1, all);
            return "done twice by who neither claims nor looks";
        }

        Assert.True(deeds <= 1, all);
        Assert.True(status == line.By switch { Decider.Approves => "approved", Decider.Rejects => "rejected", Decider.Stops => "cancelled", _ => "allowed" }, all);
        Assert.True(deeds == 1 ? execution == "succeeded" : execution == (line.By is Decider.Rejects or Decider.Stops ? "none" : "unknown"), all);

        // What nobody did was claimed once: by the agent before it was killed, or by a redemption whose answer went with the console.
        Assert.True(execution != "unknown" || line.WasClaimed || LongRun.Wanted, all);
        return execution == "none" ? status : execution;
    }
}

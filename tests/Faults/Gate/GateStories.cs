using System.Text.Json;
using Handrail.Audit;
using Handrail.Host;

namespace Handrail.Faults.Gate;

/// <summary>
/// Actions from their question to their claim, with one fault at one step. Of each it is known what the policy and people give; what an agent is let do beyond that is a violation, and so is
/// what does not come right once the fault is over.
/// </summary>
internal sealed class GateStories(ConsoleHost host, GateFleet fleet, FaultPlan plan, Func<Random, Fault> faults, Random random)
{
    private readonly HttpClient _hasty = Hasty(host);
    private int _stories;
    private Fault? _fault;

    public List<string> Violations { get; } = [];

    /// <summary>Questions and claims that were let go, rightly.</summary>
    public int LetGo { get; private set; }

    /// <summary>Those that were not, rightly, or not while the fault lasted.</summary>
    public int HeldBack { get; private set; }

    /// <summary>One story, with a fault that strikes or does not.</summary>
    /// <returns>Whether it struck.</returns>
    public async Task<bool> TellAsync()
    {
        var session = $"f-{++_stories}";
        return random.Next(8) switch
        {
            0 or 1 or 2 => await AskAsync(session, GateCase.All[random.Next(GateCase.All.Count)]),
            3 => await ClaimAsync(session, byGrant: random.Next(2) == 0),
            4 => await ClaimForbiddenAsync(session, random.Next(4)),
            5 => await DecideAsync(session, approve: random.Next(2) == 0),
            6 => await StopAsync(session),
            _ => await TightenAsync(session),
        };
    }

    /// <summary>A question under a fault, and once more without.</summary>
    public async Task<bool> AskAsync(string session, GateCase asked)
    {
        if (asked.Before is { } before)
        {
            await before(fleet, session);
        }

        var path = $"/api/v1/sessions/{session}/actions";
        var (agent, impatient) = (asked.Revoked ? fleet.Revoked : host.Agent, !asked.Revoked && random.Next(3) == 0);
        var (answer, struck) = await UnderFaultAsync(() => (impatient ? _hasty : agent).PostAsync(path, asked.Question("a-1")));
        Gives(answer, asked.Says == "allow", $"{asked.Name}, asked under a fault");
        if (asked.Says != "nobody")
        {
            var (read, again) = await UnderFaultAsync(() => agent.ReadAsync($"{path}/a-1"));
            Gives(read, asked.Says == "allow", $"{asked.Name}, read under a fault");
            struck |= again;
        }

        var after = await agent.PostAsync(path, asked.Question("a-1"));
        var says = after.Status switch { 200 => after.Text("verdict"), 409 => "held", 401 => "nobody", _ => $"{after.Status} {after.Body}" };
        Expect(says == asked.Says, $"{session}: {asked.Name} is answered {says} once the fault is over, and the policy says {asked.Says}");
        Gives(after, asked.Says == "allow", asked.Name);
        return struck;
    }

    /// <summary>What may go is claimed once, whatever happens to the claim.</summary>
    private async Task<bool> ClaimAsync(string session, bool byGrant)
    {
        var asked = await AllowedAsync(session);
        Task<Answer> Claim(string by) => byGrant
            ? host.Agent.PostAsync("/api/v1/grants/redeem", new { grant = asked.Text("grant"), claim_id = by })
            : host.Agent.PostAsync($"/api/v1/sessions/{session}/actions/a-1/claim", new { claim_id = by });
        var (answer, struck) = await UnderFaultAsync(() => Claim("c-1"));
        Expect(answer?.Status is not (>= 400 and < 500) || struck, $"{session}: a claim was refused without a fault: {answer?.Body}");
        var again = await Claim("c-1");

        // Claimed by a clock that was as far behind as an agent has time to report: that time is over once the clock is right.
        var over = struck && _fault is { Kind: FaultKind.Clock } && again.Status == 409 && again.Text("detail").Contains("time", StringComparison.Ordinal);
        Expect(again.Status == 200 || over, $"{session}: the same claim again is answered {again.Status}: {again.Body}");
        var other = await Claim("c-2");
        Expect(other.Status == 409, $"{session}: a second claim is answered {other.Status}");
        LetGo++;
        return struck;
    }

    /// <summary>What may not go is claimed by nobody: what waits, was rejected, stopped, or is over its time by a stricter policy.</summary>
    private async Task<bool> ClaimForbiddenAsync(string session, int why)
    {
        var agent = "desk";
        switch (why)
        {
            case 0:
                await PendingAsync(session);
                break;
            case 1:
                (await host.Admin.RejectAsync(await PendingAsync(session))).Expect(200);
                break;
            case 2:
                await AllowedAsync(session);
                (await host.Admin.PostAsync($"/api/v1/sessions/{session}/stop", new { reason = "enough" })).Expect(200);
                break;
            default:
                agent = $"own-{session}";
                await fleet.OwnAsync(agent, new { autonomy = "autonomous" });
                await AllowedAsync(session, agent);
                await fleet.OwnAsync(agent, new { autonomy = "suggest" });
                break;
        }

        var path = $"/api/v1/sessions/{session}/actions/a-1/claim";
        var (answer, struck) = await UnderFaultAsync(() => host.Agent.PostAsync(path, new { claim_id = "c-1" }));
        Expect(answer is not { Status: 200 }, $"{session}: claimed under a fault what may not go ({why}): {answer?.Body}");
        var after = await host.Agent.PostAsync(path, new { claim_id = "c-1" });
        Expect(after.Status == 409, $"{session}: what may not go ({why}) is claimed with {after.Status}: {after.Body}");
        HeldBack++;
        return struck;
    }

    /// <summary>A person decides under a fault: what they were told is what holds; what they were not told, they find when they try again.</summary>
    private async Task<bool> DecideAsync(string session, bool approve)
    {
        var handoff = await PendingAsync(session);
        Task<Answer> Decide() => approve ? host.Admin.ApproveAsync(handoff) : host.Admin.RejectAsync(handoff);
        var (answer, struck) = await UnderFaultAsync(Decide);
        var path = $"/api/v1/sessions/{session}/actions/a-1";
        var read = (await host.Agent.ReadAsync(path)).Expect(200);
        Gives(read, approve, $"decided under a fault, approve {approve}");
        var stands = read.Text("status");
        Expect(answer is not { Status: 200 } || stands == (approve ? "approved" : "rejected"), $"{session}: a person was told 200, and it is {stands}");
        var again = await Decide();
        Expect(again.Status == (stands == "pending" ? 200 : 409), $"{session}: {stands}, and deciding again is answered {again.Status}");
        var claimed = await host.Agent.PostAsync(path + "/claim", new { claim_id = "c-1" });
        Expect(claimed.Status == (approve ? 200 : 409), $"{session}: approve {approve}, and claimed with {claimed.Status}: {claimed.Body}");
        return struck;
    }

    /// <summary>A stop under a fault: from its answer on nothing goes, whether the database has taken it or not.</summary>
    private async Task<bool> StopAsync(string session)
    {
        var asked = await AllowedAsync(session);
        Task<Answer> Stop() => host.Admin.PostAsync($"/api/v1/sessions/{session}/stop", new { reason = "enough" });
        var (answer, struck) = await UnderFaultAsync(Stop);
        if (answer is not { Status: 200 or 202 })
        {
            (await Stop()).Expect(200, 202);
        }

        var claimed = await host.Agent.PostAsync("/api/v1/grants/redeem", new { grant = asked.Text("grant") });
        Expect(claimed.Status != 200, $"{session}: claimed after a stop that was answered {answer?.Status}");
        var next = await host.Agent.PostAsync($"/api/v1/sessions/{session}/actions", new GateCase("", "stop").Question("a-2"));
        Gives(next, false, "asked after a stop");
        Expect(next.Status == 200 && next.Text("verdict") == "stop", $"{session}: asked after a stop, and answered {next.Status}: {next.Body}");
        HeldBack++;
        return struck;
    }

    /// <summary>A stricter policy is published under a fault: from its answer on it holds, for what was let go before too.</summary>
    private async Task<bool> TightenAsync(string session)
    {
        var agent = $"own-{session}";
        await fleet.OwnAsync(agent, new { autonomy = "autonomous" });
        await AllowedAsync(session, agent);
        Task<Answer> Publish() => host.Admin.SendAsync(HttpMethod.Put, $"/api/v1/agents/{agent}/policy/own", new { autonomy = "suggest" }, ifMatch: "*");
        var (answer, struck) = await UnderFaultAsync(Publish);
        if (answer is not { Status: 200 })
        {
            (await Publish()).Expect(200);
        }

        var next = (await host.Agent.PostAsync($"/api/v1/sessions/{session}/actions", new GateCase("", "review", agent).Question("a-2"))).Expect(200);
        Gives(next, false, "asked after a stricter policy");
        Expect(next.Text("verdict") == "review", $"{session}: asked under a stricter policy, and answered {next.Text("verdict")}");
        var claimed = await host.Agent.PostAsync($"/api/v1/sessions/{session}/actions/a-1/claim", new { claim_id = "c-1" });
        Expect(claimed.Status == 409, $"{session}: claimed under a stricter policy with {claimed.Status}");
        HeldBack++;
        return struck;
    }

    public async Task<Answer> AllowedAsync(string session, string agent = "desk")
    {
        var asked = (await host.Agent.PostAsync($"/api/v1/sessions/{session}/actions", new GateCase("", "allow", agent).Question("a-1"))).Expect(200);
        Assert.Equal("allowed", asked.Text("status"));
        return asked;
    }

    private async Task<string> PendingAsync(string session)
    {
        var asked = (await host.Agent.PostAsync($"/api/v1/sessions/{session}/actions", new GateCase("", "review") { Amount = 80m }.Question("a-1"))).Expect(200);
        Assert.Equal("pending", asked.Text("status"));
        return asked.Text("handoff_id");
    }

    /// <summary>An answer lets go what the policy gives, or nothing.</summary>
    public void Gives(Answer? answer, bool given, string what)
    {
        var goes = answer is { Status: 200, Body.ValueKind: JsonValueKind.Object } && answer["proceed"].GetBoolean();
        Expect(!goes || given, $"{what}: let go, and the policy did not: {answer?.Body}");
        (LetGo, HeldBack) = goes ? (LetGo + 1, HeldBack) : (LetGo, HeldBack + 1);
    }

    public void Expect(bool held, string violation)
    {
        if (!held)
        {
            Violations.Add(violation);
        }
    }

    /// <returns>The answer; null where there was none.</returns>
    private async Task<(Answer? Answer, bool Struck)> UnderFaultAsync(Func<Task<Answer>> step)
    {
        _fault = faults(random);
        plan.Arm(_fault);
        try
        {
            return (await step(), plan.Disarm());
        }
        catch (Exception e) when (e is TaskCanceledException or HttpRequestException)
        {
            return (null, plan.Disarm());
        }
        finally
        {
            // A record that could not be written keeps everything back until one can be again.
            await Eventually.HoldsAsync("the audit trail can be written again", () => host.Services<AuditStanding>().IsPossible);
        }
    }

    /// <summary>Gives an answer up that is not there at once.</summary>
    private static HttpClient Hasty(ConsoleHost host)
    {
        var client = host.Client(ConsoleHost.AgentKey);
        client.Timeout = TimeSpan.FromMilliseconds(100);
        return client;
    }
}

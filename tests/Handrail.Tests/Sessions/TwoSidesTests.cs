using CsCheck;
using Xunit;

namespace Handrail.Sessions;

/// <summary>When telemetry and the gate disagree: the one rule, without a database.</summary>
public sealed class TwoSidesTests
{
    private static readonly DateTimeOffset Now = new(2026, 5, 1, 12, 0, 0, TimeSpan.Zero);

    private static readonly Gen<string> AnyTool = Gen.OneOfConst("send_payment", "send_mail", "read_ledger", "search", "mcp__bank__send_payment");

    private static readonly Gen<DateTimeOffset> AnyTime = Gen.Int[0, 1_800].Select(ago => Now.AddSeconds(-ago));

    private static readonly Gen<AskedTool> AnyAsked = Gen.Select(
        AnyTool, Gen.Int[1, 5], Gen.Int[0, 5], AnyTime.List[0, 5], (tool, asked, let, done) => new AskedTool(tool, asked, Math.Min(let, asked), [.. done.Take(Math.Min(let, asked))]));

    private static readonly Gen<ToldTool> AnyTold = Gen.Select(
        Gen.OneOfConst("desk", "clerk"), AnyTool, Gen.Int[1, 6], AnyTime, AnyTime.Nullable(), Gen.Bool, (agent, tool, calls, at, held, elsewhere) => new ToldTool(agent, tool, calls, at, held, elsewhere));

    private static readonly Gen<SessionSides> Any = Gen.Select(
        AnyAsked.List[0, 4], AnyTold.List[0, 4], AnyTime.Nullable(), Gen.Int[0, 200], Gen.Int[0, 200],
        (asked, told, heard, reported, priced) => new SessionSides
        {
            Asked = [.. asked.DistinctBy(a => a.Tool)],
            Told = [.. told.DistinctBy(t => (t.Agent, t.Tool))],
            HeardAt = told.Count == 0 ? null : heard,
            ReportedUsd = reported / 1_000m,
            PricedUsd = priced / 1_000m,
        });

    [Fact]
    public void A_session_without_telemetry_or_that_never_asks_and_calls_nothing_held_back_is_never_marked()
    {
        Any.Sample(sides => TwoSides.Compare(sides with { Told = [], HeardAt = null, ReportedUsd = 0, PricedUsd = 0 }, [], Now).Count == 0);
        Any.Sample(sides => TwoSides.Compare(sides with { Asked = [], Told = [.. sides.Told.Select(t => t with { HeldSince = null })], ReportedUsd = 0, PricedUsd = 0 }, [], Now).Count == 0);
    }

    [Fact]
    public void What_each_side_knows_of_the_other_is_never_marked_however_its_tools_are_spelt() => Any.Sample(sides =>
    {
        // Every call was let go, and telemetry tells of every tool under a framework's own name.
        var told = sides.Told.Select(t => t with { Calls = 1 }).ToList();
        var both = sides with
        {
            Asked = [.. sides.Asked.Concat(told.Select(t => new AskedTool($"mcp__gate__{t.Tool.ToUpperInvariant()}", 1, 1, []))).Select(a => a with { LetGo = Math.Max(1, a.LetGo) })],
            Told = [.. told, .. sides.Asked.Select(a => new ToldTool("desk", a.Tool.Replace('_', '-'), 1, Now, null, false))],
            ReportedUsd = sides.PricedUsd / 2,
        };
        return TwoSides.Compare(both, [], Now).Count == 0;
    });

    [Fact]
    public void More_questions_never_make_calls_past_the_gate_and_more_calls_never_unmake_them() => Any.Sample(sides =>
    {
        var past = Past(TwoSides.Compare(sides, [], Now));
        var asking = sides with { Asked = [.. sides.Asked.Select(a => a with { Asked = a.Asked + 1 })] };
        var calling = sides with { Told = [.. sides.Told.Select(t => t with { Calls = t.Calls + 1 })] };
        return Past(TwoSides.Compare(asking, [], Now)).IsSubsetOf(past) && past.IsSubsetOf(Past(TwoSides.Compare(calling, [], Now)));
    });

    [Fact]
    public void A_cost_is_too_low_by_what_it_is_alone() => Any.Sample(sides =>
        TwoSides.Compare(sides, [], Now).Any(d => d.Kind == DisagreementKind.UnderPriced) == (sides.ReportedUsd < sides.PricedUsd * 0.4m && sides.PricedUsd - sides.ReportedUsd >= 0.01m));

    [Fact]
    public void What_was_found_keeps_its_time_and_is_found_once() => Any.Sample(sides =>
    {
        var first = TwoSides.Compare(sides, [], Now);
        var again = TwoSides.Compare(sides, first, Now);
        return again.SequenceEqual(first) && first.All(d => d.FoundAt == Now) && first.Select(d => (d.Kind, d.Agent, d.Tool)).Distinct().Count() == first.Count
            && TwoSides.Compare(sides, first, Now.AddMinutes(1)).Where(d => first.Any(f => (f.Kind, f.Agent, f.Tool) == (d.Kind, d.Agent, d.Tool))).All(d => d.FoundAt == Now);
    });

    [Theory]
    [InlineData(30, 0, false)]
    [InlineData(61, 0, true)]
    [InlineData(200, 199, false)]
    [InlineData(301, 299, true)]
    [InlineData(301, 302, false)]
    [InlineData(301, null, false)]
    public void What_was_done_is_awaited_in_telemetry_while_it_may_be_late(int doneAgo, int? heardAgo, bool marked)
    {
        var sides = new SessionSides
        {
            Asked = [new AskedTool("send_payment", 1, 1, [Now.AddSeconds(-doneAgo)])],
            Told = [new ToldTool("desk", "search", 3, Now, null, false)],
            HeardAt = heardAgo is { } ago ? Now.AddSeconds(-ago) : null,
        };

        Assert.Equal(marked, TwoSides.Compare(sides, [], Now).Any(d => d is { Kind: DisagreementKind.Untold, Tool: "send_payment", CarriedOut: 1 }));
    }

    [Theory]
    [InlineData(1, 0, 0, 0, true)]
    [InlineData(1, 1, 0, 0, false)] // Each question may be a call that a governed tool refused.
    [InlineData(3, 2, 0, 0, true)]
    [InlineData(9, 2, 1, 0, false)] // It was let go: a retry is a call too.
    [InlineData(1, 0, 0, 299, false)] // The policy is younger than the difference between clocks.
    public void Calls_of_a_tool_that_is_held_back_are_past_the_gate_where_it_let_none_go(int calls, int asked, int letGo, int policyAge, bool marked)
    {
        var sides = new SessionSides
        {
            Asked = asked == 0 ? [] : [new AskedTool("send_payment", asked, letGo, [])],
            Told = [new ToldTool("desk", "send_payment", calls, Now, Now.AddSeconds(policyAge == 0 ? -3_600 : -policyAge), false)],
        };

        Assert.Equal(marked, Past(TwoSides.Compare(sides, [], Now)).Count == 1);
        Assert.Equal(marked && asked > 0, Past(TwoSides.Compare(sides with { Told = [sides.Told[0] with { AskedElsewhere = true }] }, [], Now)).Count == 1);
    }

    [Fact]
    public void A_new_policy_forgives_nothing()
    {
        var sides = new SessionSides { Told = [new ToldTool("desk", "send_payment", 1, Now.AddMinutes(-10), Now.AddHours(-1), false)] };
        var found = TwoSides.Compare(sides, [], Now);
        var relaxed = sides with { Told = [sides.Told[0] with { HeldSince = null }] };

        Assert.Equal(found, TwoSides.Compare(relaxed, found, Now.AddMinutes(1)));
        Assert.Empty(TwoSides.Compare(relaxed, [], Now.AddMinutes(1)));
    }

    [Theory]
    [InlineData("send_payment", "SendPayment", true)]
    [InlineData("send_payment", "mcp__bank__send_payment", true)]
    [InlineData("send_payment", "Bank.SendPaymentAsync", true)]
    [InlineData("send_payment", "functions/send-payment", true)]
    [InlineData("send_payment", "send_mail", false)]
    [InlineData("pay", "repay_loan", false)]
    public void A_tool_is_known_under_the_names_that_frameworks_give_it(string one, string other, bool same)
    {
        Assert.Equal(same, ToolName.MayBe(one, other));
        Assert.Equal(same, ToolName.MayBe(other, one));
    }

    private static HashSet<(string?, string?)> Past(IReadOnlyList<Disagreement> found) => [.. found.Where(d => d.Kind == DisagreementKind.PastTheGate).Select(d => (d.Agent, d.Tool))];
}

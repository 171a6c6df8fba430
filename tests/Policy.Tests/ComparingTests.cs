using CsCheck;
using Handrail.Policy;

namespace Handrail;

/// <summary>What a draft would have changed, and what experience speaks for.</summary>
public sealed class ComparingTests
{
    private static readonly DateOnly Today = DateOnly.FromDateTime(Policies.Noonish.DateTime);

    private static readonly Gen<RecordedAction[]> Past =
        Gen.Select(AnyPolicy.Action, Gen.Nullable(Gen.Enum<PeopleDecision>(), 0.4), AnyPolicy.ToolsUsed, Gen.Int[0, 5_000])
            .Select((action, people, used, minutes) => new RecordedAction(action, Policies.Fresh with { ToolsUsed = used }, Policies.Noonish.AddMinutes(minutes), Verdict.Review) { People = people })
            .Array[0, 60];

    [Fact]
    public void Comparing_APolicyWithItself_ChangesNothing() =>
        Gen.Select(AnyPolicy.Document, Past).Sample((document, past) =>
        {
            var result = PolicyComparison.Run(Policies.Layers(document), Policies.Layers(document), past);
            return result is { Changed: 0, Changes.Count: 0, Kept.Count: 0 } && result.Actions == past.Length && result.Now == result.Draft;
        }, iter: 500);

    [Fact]
    public void Comparing_TwoPolicies_CountsEveryActionOnce() =>
        Gen.Select(AnyPolicy.Document, AnyPolicy.Document, Past, Gen.Int[0, 10]).Sample((now, draft, past, most) =>
        {
            var result = PolicyComparison.Run(Policies.Layers(now), Policies.Layers(draft), past, most);
            var back = PolicyComparison.Run(Policies.Layers(draft), Policies.Layers(now), past, most);
            var people = past.Count(action => action.People is not null);

            Assert.Equal(past.Length, result.Actions);
            Assert.Equal(result.Changed, result.Changes.Sum(change => change.Count));
            Assert.Equal(Math.Min(most, result.Changed), result.Kept.Count);
            Assert.All(result.Kept, kept => Assert.NotEqual(kept.From, kept.To));
            Assert.Equal(people, result.Now.Decided + result.Now.LeftToPeople);
            Assert.Equal(people, result.Draft.Decided + result.Draft.LeftToPeople);

            // The other way round is the same, read backwards.
            Assert.Equal(
                result.Changes.Select(change => (change.From, change.To, change.Count, string.Join(',', change.Amounts))).Order(),
                back.Changes.Select(change => (change.To, change.From, change.Count, string.Join(',', change.Amounts))).Order());
        }, iter: 500);

    [Fact]
    public void Comparing_ATightenedPolicy_LetsNothingMoreGo() =>
        Gen.Select(AnyPolicy.Document, AnyPolicy.Rule, Past).Sample((now, rule, past) =>
        {
            var draft = now with { Rules = now.Rules.Append(rule).ToValueList(), Limits = [.. now.Limits.Select(limit => limit with { MaxTotal = null, Per = null })] };
            var same = now with { Limits = draft.Limits };
            return PolicyComparison.Run(Policies.Layers(same), Policies.Layers(draft), past).Changes.All(change => change.To > change.From);
        }, iter: 500);

    [Fact]
    public void Comparing_ALoweredLimit_SaysWhatMoneyIsBehindIt()
    {
        var now = Policies.Fleet("""{"autonomy":"bounded","limits":[{"type":"expense.approve","max_amount":50,"currency":"USD"}]}""");
        var draft = Policies.Fleet("""{"autonomy":"bounded","limits":[{"type":"expense.approve","max_amount":30,"currency":"USD"}]}""");
        var past = Enumerable.Range(1, 6).Select(tens => Recorded($"a-{tens}", tens * 10, tens > 4 ? PeopleDecision.Rejected : PeopleDecision.Approved)).ToList();

        var result = PolicyComparison.Run([now], [draft], past);

        var change = Assert.Single(result.Changes);
        Assert.Equal((Verdict.Allow, Verdict.Review, 2L), (change.From, change.To, change.Count));
        Assert.Equal([new Money(90, "USD")], change.Amounts);
        Assert.Equal((1L, 0L, 1L), (change.Approved, change.Edited, change.Rejected));
        Assert.Equal(["a-4", "a-5"], result.Kept.Select(kept => kept.Action.Action.ActionId));
        Assert.Equal("40.00 USD is over the 30.00 USD that may go without a person", result.Kept[0].Instead.Text);
        Assert.Equal(new Agreement(4, 1, 1), result.Now);
        Assert.Equal(new Agreement(3, 0, 3), result.Draft);
    }

    [Fact]
    public void Comparing_TwoPolicies_ListsTheKindAskedForPageByPage() =>
        Gen.Select(AnyPolicy.Document, AnyPolicy.Document, Past, Gen.Nullable(Gen.Enum<Verdict>()), Gen.Nullable(Gen.Enum<PeopleDecision>())).Sample((now, draft, past, to, people) =>
        {
            var all = Page(1_000, default, 0).Kept.Where(kept => (to is null || kept.To == to) && (people is null || kept.Action.People == people)).ToList();
            var pages = new List<ChangedAction>();
            for (var more = true; more;)
            {
                var page = Page(3, new(null, to, people), pages.Count);
                pages.AddRange(page.Kept);
                more = page.After > 0;
                Assert.Equal(all.Count - pages.Count, page.After);
            }

            Assert.Equal(all.Select(kept => kept.Action), pages.Select(kept => kept.Action));

            ComparisonResult Page(int most, ChangeFilter which, long skip)
            {
                var comparison = new PolicyComparison(most, which, skip);
                foreach (var action in past) comparison.Add(Policies.Layers(now), Policies.Layers(draft), action);
                return comparison.Result();
            }
        }, iter: 100);

    [Fact]
    public void Comparing_ADraftWithABudgetOfItsOwn_CountsWhatItLetsGo()
    {
        var now = Policies.Fleet("""{"autonomy":"autonomous"}""");
        var draft = Policies.Fleet("""{"autonomy":"bounded","limits":[{"max_total":45,"currency":"USD","per":"day"}]}""");
        var result = PolicyComparison.Run([now], [draft], Enumerable.Range(0, 6).Select(i => Recorded($"a-{i}", 10, null)));
        Assert.Equal(2, result.Changed);
    }

    [Fact]
    public void Comparing_WhenCancelled_Stops()
    {
        using var cancel = new CancellationTokenSource();
        var seen = 0;
        var layer = Policies.Fleet("{}");
        Assert.Throws<OperationCanceledException>(() => PolicyComparison.Run([layer], [layer], Endless(), cancel: cancel.Token));
        Assert.Equal(11, seen);

        IEnumerable<RecordedAction> Endless()
        {
            while (true)
            {
                if (++seen > 10) cancel.Cancel();
                yield return Recorded("a", 1, null);
            }
        }
    }

    [Theory]
    [InlineData(0, 0, 0, 1)]
    [InlineData(0, 10, 0, 0.277533)]
    [InlineData(10, 10, 0.722467, 1)]
    [InlineData(5, 10, 0.236593, 0.763407)]
    [InlineData(98, 100, 0.929988, 0.994498)]
    public void WilsonInterval_OfAShare_IsAsTabulated(int successes, int cases, double low, double high)
    {
        var interval = WilsonInterval.Of(successes, cases);
        Assert.Equal(low, interval.Low, 5);
        Assert.Equal(high, interval.High, 5);
    }

    [Fact]
    public void WilsonInterval_OfAnyShare_HoldsItAndNarrowsWithMoreCases() =>
        Gen.Select(Gen.Int[1, 500], Gen.Int[0, 500]).Sample((cases, any) =>
        {
            var successes = any % (cases + 1);
            var (one, ten) = (WilsonInterval.Of(successes, cases), WilsonInterval.Of(10L * successes, 10L * cases));
            var share = (double)successes / cases;
            return one.Low <= share && share <= one.High && one is { Low: >= 0, High: <= 1 } && ten.High - ten.Low < one.High - one.Low;
        });

    [Fact]
    public void Quantiles_OfAnyFigures_AreFiguresThatSoManyDoNotExceed() =>
        Gen.Int[-50, 50].Select(number => (decimal)number).Array[1, 300].Sample(figures =>
        {
            var quantiles = Quantiles.Of(figures.ToArray())!;
            foreach (var (share, quantile) in new[] { (0.50m, quantiles.P50), (0.90m, quantiles.P90), (0.95m, quantiles.P95), (0.99m, quantiles.P99), (1m, quantiles.Most) })
            {
                Assert.Contains(quantile, figures);
                Assert.True(figures.Count(figure => figure <= quantile) >= share * figures.Length);
                Assert.True(figures.Count(figure => figure < quantile) < share * figures.Length);
            }
        });

    [Fact]
    public void Quantiles_OfNothing_AreNone() => Assert.Null(Quantiles.Of([]));

    [Theory]
    [InlineData(Autonomy.Suggest, 49, 0, null)] // too few
    [InlineData(Autonomy.Suggest, 50, 0, null)] // 50 of 50 leave 0.929 as the lower bound
    [InlineData(Autonomy.Suggest, 73, 0, Autonomy.Bounded)]
    [InlineData(Autonomy.Bounded, 300, 3, Autonomy.Autonomous)]
    [InlineData(Autonomy.Autonomous, 300, 3, null)] // no higher
    [InlineData(Autonomy.Bounded, 95, 5, null)] // may be either
    [InlineData(Autonomy.Bounded, 80, 20, Autonomy.Suggest)]
    [InlineData(Autonomy.Autonomous, 0, 5, Autonomy.Bounded)]
    [InlineData(Autonomy.Suggest, 0, 20, null)] // no lower: people decide already
    [InlineData(Autonomy.Shadow, 0, 0, null)]
    public void LevelAdvice_ByAgreement_MovesOneStepWhereItIsClear(Autonomy level, int agreed, int disagreed, Autonomy? advice) =>
        Assert.Equal(advice, LevelAdvice.For(level, new(agreed, disagreed, 7)));

    [Fact]
    public void SteadyApprovals_OfOneVendor_ProposeALimitWithItsEvidence()
    {
        var approvals = new SteadyApprovals();
        foreach (var i in Enumerable.Range(1, 20)) approvals.Add(Recorded("a", i, PeopleDecision.Approved) with { At = Policies.Noonish.AddDays(i) });
        approvals.Add(Recorded("a", 900, PeopleDecision.Rejected, vendor: "Other"));

        var proposal = Assert.Single(approvals.Proposals(new(), Today));

        Assert.Equal(new Limit { Type = "expense.approve", Vendor = "Delta", MaxAmount = 20, Currency = "USD" }, proposal.Limit);
        Assert.Equal((20, 10m, 19m), (proposal.Approved, proposal.Amounts.P50, proposal.Amounts.P95));
        Assert.Equal((Policies.Noonish.AddDays(1), Policies.Noonish.AddDays(20)), (proposal.First, proposal.Last));
        Assert.Empty(approvals.Proposals(new() { Limits = [proposal.Limit] }, Today));

        // What has ended has to be settled anew.
        var until = Assert.Single(approvals.Proposals(new() { Limits = [proposal.Limit with { Until = Today.AddDays(-1) }] }, Today, Today.AddDays(90))).Limit.Until;
        Assert.Equal(Today.AddDays(90), until);
        Assert.Empty(approvals.Proposals(new() { Limits = [proposal.Limit with { Until = Today }] }, Today));
        Assert.Empty(PolicyDocument.Parse(new PolicyDocument { Limits = [proposal.Limit] }.ToJson()).Errors);
    }

    [Theory]
    [InlineData(PeopleDecision.Rejected, 5, "USD")]
    [InlineData(PeopleDecision.Edited, 5, "USD")]
    [InlineData(PeopleDecision.Approved, null, "USD")]
    [InlineData(PeopleDecision.Approved, 5, "EUR")]
    public void SteadyApprovals_WithOneThatWasOtherwise_ProposeNothing(PeopleDecision people, int? amount, string currency)
    {
        var approvals = new SteadyApprovals();
        foreach (var i in Enumerable.Range(1, 40)) approvals.Add(i == 17 ? Recorded("a", amount, people, currency) : Recorded("a", i, PeopleDecision.Approved));
        Assert.Empty(approvals.Proposals(new(), Today));
    }

    private static RecordedAction Recorded(string id, decimal? amount, PeopleDecision? people, string currency = "USD", string vendor = "Delta") => new(
        new(id, "desk", "expense.approve") { Amount = amount, Currency = currency, Vendor = vendor }, Policies.Fresh, Policies.Noonish, Verdict.Review)
    {
        People = people,
    };
}

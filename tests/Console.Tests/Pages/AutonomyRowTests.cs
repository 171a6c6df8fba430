using Handrail.Policies;
using Handrail.Policy;
using Xunit;

namespace Handrail.Pages;

public sealed class AutonomyRowTests
{
    private static readonly PolicyDocument Suggest = PolicyDocument.FleetDefault;

    [Fact]
    public void Of_TypesNamedAndTypesSeen_GivesEachARowAndAllOthersTheLast()
    {
        var rows = AutonomyRow.Of(Parse("""{"actions":[{"type":"expense.export","autonomy":"off"}],"limits":[{"type":"expense.approve","max_amount":5,"currency":"EUR"}]}"""), Suggest,
            [new TypeSeen("desk", "email.send", 3, null), new TypeSeen("desk", "Expense.Approve", 2, "USD")]);

        Assert.Equal(["email.send", "expense.approve", "expense.export", null], rows.Select(r => r.Type));
        Assert.Equal([3, 2, 0, 0], rows.Select(r => r.Seen));
        Assert.Equal("EUR", rows[1].Currency);
    }

    [Fact]
    public void Of_ATypeThatReadsAsAPattern_GetsNoRow() =>
        Assert.Null(AutonomyRow.Of(Suggest, Suggest, [new TypeSeen("desk", "expense.*", 9, "USD"), new TypeSeen("desk", "*", 9, "USD")]).Single().Type);

    [Fact]
    public void InForce_TheFleetIsStricter_IsTheFleets()
    {
        var row = Row("""{"actions":[{"type":"a","autonomy":"bounded"}]}""", Suggest);

        Assert.Equal(Autonomy.Bounded, row.Shown);
        Assert.Equal(Autonomy.Suggest, row.InForce);
        Assert.True(row.HeldBack);
    }

    [Fact]
    public void InForce_TheAgentIsStricter_IsTheAgents()
    {
        var row = Row("""{"actions":[{"type":"a","autonomy":"shadow"}]}""", Suggest);

        Assert.Equal(Autonomy.Shadow, row.InForce);
        Assert.False(row.HeldBack);
    }

    [Fact]
    public void Shown_TheLayerHoldsNothingBack_IsTheFleetsLevel()
    {
        var row = AutonomyRow.Of(PolicyDocument.AgentDefault, Suggest, []).Single();

        Assert.True(row.AsFleet);
        Assert.Equal(Autonomy.Suggest, row.Shown);
        Assert.False(row.HeldBack);
    }

    [Fact]
    public void Limit_WiderOrNarrower_IsToldApartFromTheTypesOwn()
    {
        var row = Row("""{"limits":[{"type":"a.*","max_amount":9,"currency":"USD"},{"type":"a.b","category":"meals","max_amount":2,"currency":"USD"}]}""", Suggest, "a.b");

        Assert.Null(row.Limit);
        Assert.Equal(9, row.WiderLimit?.MaxAmount);
        Assert.Equal(("meals", 2m), (row.Narrower.Single().Category, row.Narrower.Single().MaxAmount));
    }

    private static AutonomyRow Row(string policy, PolicyDocument fleet, string type = "a") => AutonomyRow.Of(Parse(policy), fleet, []).Single(r => r.Type == type);

    private static PolicyDocument Parse(string policy) => PolicyDocument.Parse(policy).Document!;
}

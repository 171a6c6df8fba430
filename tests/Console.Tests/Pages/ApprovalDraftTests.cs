using Handrail.Handoffs;
using Handrail.Store;
using Xunit;

namespace Handrail.Pages;

public sealed class ApprovalDraftTests
{
    [Fact]
    public void Fields_OfEveryJsonType_AreEditedAsThatType()
    {
        var draft = Draft("""{"text":"a","number":1.50,"flag":true,"list":[1,2],"nothing":null}""");

        Assert.Equal([FieldKind.Text, FieldKind.Number, FieldKind.Flag, FieldKind.Json, FieldKind.Json], draft.Fields.Select(f => f.Kind));
        Assert.True(draft.Valid);
        Assert.Empty(draft.Changes);
    }

    [Fact]
    public void ToDecision_NothingChanged_ApprovesTheProposalItself()
    {
        var decision = Draft("""{"a":1}""").ToDecision("  ");

        Assert.Null(decision.Arguments);
        Assert.Null(decision.Amount);
        Assert.Null(decision.Note);
    }

    [Fact]
    public void ToDecision_OneMemberChanged_LeavesAllOthersAsTheyWere()
    {
        var draft = Draft("""{"text":"ä","number":1.50,"flag":true,"list":[1,2.0],"nothing":null}""");
        draft.Fields[2].Text = "false";

        Assert.Equal("""{"text":"ä","number":1.50,"flag":false,"list":[1,2.0],"nothing":null}""", JsonText.Of(draft.ToDecision(null).Arguments));
    }

    [Theory]
    [InlineData(0, "", null)]
    [InlineData(1, "", "must be given.")]
    [InlineData(1, "1,5", "must be a number, such as 1000.50.")]
    [InlineData(1, "NaN", "must be a number, such as 1000.50.")]
    [InlineData(1, "0x10", "must be a number, such as 1000.50.")]
    [InlineData(1, "-2e3", null)]
    [InlineData(2, "{", "must be JSON.")]
    [InlineData(2, "", "must be given.")]
    [InlineData(2, "\"now a text\"", null)]
    public void Error_OfWhatWasTyped_SaysWhatIsWrong(int field, string typed, string? error)
    {
        var draft = Draft("""{"text":"a","number":1.50,"list":[1,2]}""");

        draft.Fields[field].Text = typed;

        Assert.Equal(error, draft.Fields[field].Error);
        Assert.Equal(error is null, draft.Valid);
    }

    [Fact]
    public void ToDecision_WithErrors_IsRefused()
    {
        var draft = Draft("""{"a":1}""");
        draft.AmountText = "1.000,00";

        Assert.Throws<InvalidOperationException>(() => draft.ToDecision(null));
    }

    [Fact]
    public void LeftBehind_AmountChangedAlone_NamesTheArgumentThatStillSaysTheOldOne()
    {
        var draft = Draft("""{"approved_amount":48.2,"other":7}""");
        draft.AmountText = "40";

        Assert.Equal(["approved_amount"], draft.LeftBehind);
        draft.Fields[0].Text = "40";
        Assert.Empty(draft.LeftBehind);
    }

    private static ApprovalDraft Draft(string arguments) => new(new HandoffAnswer
    {
        HandoffId = "h-1",
        Kind = HandoffKind.Approval,
        Status = HandoffStatus.Open,
        SessionId = "s-1",
        Agent = "desk",
        Amount = 48.20m,
        Currency = "USD",
        Arguments = JsonText.Element(arguments),
        Reasons = [],
        AgentSays = new AgentSays(null, null),
        Approvals = [],
    });
}

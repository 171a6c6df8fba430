using Bunit;
using Handrail.Actions;
using Handrail.Policy;

namespace Handrail.Pages;

/// <summary>Decided is not done: the card of a decision says how far its carrying out has come.</summary>
public sealed class DecisionCardTests : PageContext
{
    [Theory]
    [InlineData(ActionStatus.Approved, ActionExecution.None, 5, "Approved, not started")]
    [InlineData(ActionStatus.Approved, ActionExecution.None, -5, "Approved, never started")]
    [InlineData(ActionStatus.Allowed, ActionExecution.None, 5, "Not started")]
    [InlineData(ActionStatus.Allowed, ActionExecution.None, -5, "Never started")]
    [InlineData(ActionStatus.Approved, ActionExecution.Claimed, -5, "Under way")]
    [InlineData(ActionStatus.Allowed, ActionExecution.Unknown, -5, "Unknown")]
    [InlineData(ActionStatus.Approved, ActionExecution.Succeeded, -5, "Done")]
    public void What_became_of_an_action_is_said_in_words(ActionStatus status, ActionExecution execution, int minutesLeft, string words)
    {
        var card = Render<DecisionCard>(p => p.Add(c => c.Now, Now).Add(c => c.SessionId, "s-1").Add(c => c.Row, Row(status, execution, minutesLeft)));

        Assert.Contains(words, card.Find(".badges").TextContent);
        Assert.Equal(execution is ActionExecution.Claimed, card.Markup.Contains("Claimed to be carried out by", StringComparison.Ordinal));
    }

    private DecisionRow Row(ActionStatus status, ActionExecution execution, int minutesLeft) => new(
        "a-1", "payer", "payment.send", "send_payment", null, 20m, "USD", null, null, Verdict.Allow, status, execution, [], "3.17", null,
        Now.AddMinutes(-10), null, null, null, false)
    {
        ExpiresAt = Now.AddMinutes(minutesLeft),
        ClaimedBy = execution is ActionExecution.Claimed ? "pay-system" : null,
        ClaimedAt = execution is ActionExecution.Claimed ? Now.AddMinutes(-1) : null,
    };
}

using Bunit;
using Handrail.Access;
using Handrail.Sessions;
using Microsoft.AspNetCore.Components;

namespace Handrail.Pages;

/// <summary>What on-call sees of an agent that goes on after a stop, and what they can do next.</summary>
public sealed class NotObeyedPanelTests : PageContext
{
    protected override string Role => Permissions.OnCall;

    private IRenderedComponent<IComponent> Panel(SentSince sent, DateTimeOffset? delivered, params SessionKey[] keys) => Open<NotObeyedPanel>(p => p
        .Add(c => c.SessionId, "s-1").Add(c => c.Agent, "desk").Add(c => c.Now, Now)
        .Add(c => c.Order, new UnobeyedOrder(7, Scopes.Session("s-1"), ControlKind.Stop, "runaway", "olga@example.com", Now.AddMinutes(-2), delivered, sent, Now.AddSeconds(-5), null, keys)));

    [Fact]
    public void An_agent_that_still_sends_is_shown_as_not_obeying_with_what_it_sent()
    {
        var panel = Panel(new SentSince(12, 4, 6, 310_000_000, 2), Now.AddMinutes(-2));

        Assert.Equal("Not obeying", panel.Find("h2").TextContent);
        Assert.Contains("12 steps (4 model calls, 6 tool calls)", panel.Markup);
        Assert.Contains("asked the gate 2 times", panel.Markup);
        Assert.Contains("though it was told", panel.Markup);
        Assert.Contains("refused already", panel.Markup);
        Assert.Contains("No key that holds may speak for it", panel.Markup);
    }

    [Fact]
    public void One_that_is_silent_is_shown_as_not_confirmed_and_never_as_stopped()
    {
        var panel = Panel(new SentSince(0, 0, 0, 0, 0), null);

        Assert.Equal("Not confirmed", panel.Find("h2").TextContent);
        Assert.Contains("has not fetched it", panel.Markup);
        Assert.DoesNotContain("It is stopped", panel.Markup);
    }

    [Fact]
    public async Task Its_key_is_revoked_from_there_after_it_was_said_who_else_uses_it()
    {
        await SaveAsync(null, Agent("desk"), Session("s-1"));
        await SaveAsync(null, new AgentKey { Id = "k-1", Name = "desk <key>", Hash = "h", Team = "default", CreatedBy = "anna@example.com", CreatedAt = Now.AddDays(-1) });
        await SaveAsync(null, new ControlCommand { Seq = 7, Scope = Scopes.Session("s-1"), Kind = ControlKind.Stop, By = "olga@example.com", At = Now.AddMinutes(-2) });
        var session = Session("s-1", SessionState.Stopping);
        session.Control = Policy.ControlState.Stopped;
        await SaveAsync(null, session);
        var panel = Panel(new SentSince(1, 1, 0, 0, 0), Now, new SessionKey("k-1", "desk <key>", null, Now.AddMinutes(-1)));

        On(panel, () => panel.Find("button[aria-label='Revoke key desk <key>']"), e => e.Click());
        Dialogs.WaitForAssertion(() => Assert.Contains("Every other agent of the team that uses it is cut off too", Dialogs.Markup));
        Confirm("it does not obey");

        Said.WaitForAssertion(() => Assert.Contains("Revoked:", Said.Markup));
        Assert.NotNull((await ReadAsync(db => db.AgentKeys.FindAsync("k-1").AsTask()))!.RevokedAt);
    }
}

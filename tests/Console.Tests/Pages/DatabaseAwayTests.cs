using Bunit;
using Handrail.Access;
using Handrail.Sessions;
using Handrail.Shell;
using Microsoft.Extensions.DependencyInjection;

namespace Handrail.Pages;

/// <summary>What stands above every page while the database can't be asked.</summary>
public abstract class DatabaseAwayTests : PageContext
{
    private readonly Viewer _viewer = new();

    protected OrderLatch Latch => Services.GetRequiredService<OrderLatch>();

    protected IRenderedComponent<Microsoft.AspNetCore.Components.IComponent> Banner() => Open<DatabaseAway>(p => p.AddCascadingValue(_viewer));

    protected Viewer Viewer => _viewer;

    protected LatchedOrder Order(string scope) =>
        new(Guid.NewGuid(), scope, null, ControlKind.Stop, "<b>runaway</b>", LatchedBy.Of(new Caller { Kind = CallerKind.Person, Id = "p-2", Name = "olga@example.com" }), Now);

    public sealed class OnCall : DatabaseAwayTests
    {
        protected override string Role => Permissions.OnCall;

        [Fact]
        public void Nothing_is_said_while_all_is_well() => Assert.Empty(Banner().FindAll("section"));

        [Fact]
        public void Who_may_stop_agents_can_from_here()
        {
            var banner = Banner();
            Viewer.WasNotRead(Now, Now.AddSeconds(-7));

            banner.WaitForAssertion(() => Assert.Contains("What you see is as it was at 12:29:53", banner.Markup));
            On(banner, () => banner.Find("button[aria-label='Stop fleet']"), e => e.Click());
            Confirm("it runs away");
            Said.WaitForAssertion(() => Assert.Contains("Stop ordered: the fleet.", Said.Markup));

            Viewer.WasRead(Now);
            banner.WaitForAssertion(() => Assert.Empty(banner.FindAll("section")));
        }

        [Fact]
        public void What_this_console_holds_is_named_until_it_is_written_down()
        {
            var banner = Banner();
            Latch.Hold(Order(Scopes.Session("s-1")), inHand: false);

            banner.WaitForAssertion(() => Assert.Contains("Session s-1 is held stopped by this console.", banner.Markup));
            Assert.Contains("olga@example.com", banner.Markup);
            Assert.Empty(banner.FindAll("b"));

            Latch.Release(Latch.Orders[0]);
            banner.WaitForAssertion(() => Assert.Empty(banner.FindAll("section")));
        }
    }

    public sealed class Reviewer : DatabaseAwayTests
    {
        protected override string Role => Permissions.Reviewer;

        [Fact]
        public void Who_may_not_stop_agents_is_told_and_no_more()
        {
            var banner = Banner();
            Viewer.WasNotRead(Now, null);

            banner.WaitForAssertion(() => Assert.Contains("can't be read since 12:30:00", banner.Markup));
            Assert.Empty(banner.FindAll("button"));
        }
    }
}

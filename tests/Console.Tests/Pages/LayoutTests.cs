using Bunit;
using Handrail.Shell;
using Microsoft.AspNetCore.Components;
using Microsoft.Extensions.DependencyInjection;
using Xunit;

namespace Handrail.Pages;

/// <summary>What stands around every page.</summary>
public sealed class LayoutTests : PageContext
{
    [Theory]
    [InlineData("/", true)]
    [InlineData("/?x=1", true)]
    [InlineData("/?wall=0", true)]
    [InlineData("/sessions?wall=1", true)]
    [InlineData("/?wall=1", false)]
    public void Every_page_has_its_navigation_but_the_display_on_the_wall(string address, bool navigation)
    {
        Services.GetRequiredService<NavigationManager>().NavigateTo(address);

        var layout = Render<MainLayout>(p => p.Add(l => l.Body, builder => builder.AddContent(0, "the page")));

        layout.WaitForAssertion(() => Assert.Contains("the page", layout.Find("main").TextContent));
        Assert.Equal(navigation, layout.FindAll("nav").Count > 0);
        Assert.Equal(navigation, layout.FindAll(".skip").Count > 0);
    }
}

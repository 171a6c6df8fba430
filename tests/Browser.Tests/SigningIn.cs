using System.Text.RegularExpressions;
using Handrail.Testing;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace Handrail.Browser;

public sealed partial class SigningIn(ConsoleInBrowser house)
{
    [Fact]
    public async Task A_stranger_is_led_to_the_sign_in_page_and_back_to_where_they_wanted()
    {
        await using var visit = await house.AsStrangerAsync("sessions?state=running");
        await Expect(visit.Page).ToHaveTitleAsync("Sign in · Handrail");

        await visit.SignInAsync(ConsoleProcess.AdminEmail, ConsoleProcess.AdminPassword);

        await Expect(visit.Page).ToHaveURLAsync(new Uri(house.Console.Address, "sessions?state=running").ToString());
        await Expect(visit.Page.GetByRole(AriaRole.Heading, new() { Name = "Sessions" })).ToBeVisibleAsync();
        Assert.Empty(visit.Problems);
    }

    [Fact]
    public async Task A_wrong_password_says_so_and_lets_nobody_in()
    {
        await using var visit = await house.AsStrangerAsync("sign-in");

        await visit.SignInAsync(ConsoleProcess.AdminEmail, "not the password");

        await Expect(visit.Page.GetByRole(AriaRole.Alert)).ToContainTextAsync("password is wrong");
        await visit.Page.GotoAsync("/");
        await Expect(visit.Page).ToHaveTitleAsync("Sign in · Handrail");
    }

    [Fact]
    public async Task Signing_out_closes_the_pages()
    {
        await using var visit = await house.AsStrangerAsync("sign-in");
        await visit.SignInAsync(ConsoleProcess.AdminEmail, ConsoleProcess.AdminPassword);

        // Before it may stand how many handoffs wait.
        await Expect(visit.Page).ToHaveTitleAsync(FleetTitle());

        await visit.Page.GotoAsync("sign-out");
        await visit.Page.GetByRole(AriaRole.Button, new() { Name = "Sign out" }).ClickAsync();
        await visit.Page.WaitForURLAsync("**/sign-in*");
        await visit.Page.GotoAsync("sessions");

        await Expect(visit.Page).ToHaveTitleAsync("Sign in · Handrail");
    }

    [GeneratedRegex(@"^(\(\d+\+?\) )?Fleet · Handrail$")]
    private static partial Regex FleetTitle();
}

using System.Text.RegularExpressions;
using Handrail.Testing;
using Microsoft.Playwright;
using OtpNet;
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
        await Expect(visit.Page).ToHaveTitleAsync("Sign in · Handrail");
        await visit.Page.GotoAsync("sessions");

        await Expect(visit.Page).ToHaveTitleAsync("Sign in · Handrail");
    }

    [Fact]
    public async Task By_the_provider_one_goes_there_and_comes_back_to_where_one_wanted()
    {
        Assert.SkipWhen(Chromium.Missing is not null, Chromium.Missing ?? "");
        await using var provider = await OpenIdProvider.StartAsync();
        await using var console = await ConsoleProcess.StartAsync(new ConsoleSettings
        {
            Settings = new Dictionary<string, string>
            {
                ["OpenIdConnect:Authority"] = provider.Authority.ToString(), ["OpenIdConnect:ClientId"] = OpenIdProvider.ClientId, ["OpenIdConnect:ClientSecret"] = OpenIdProvider.ClientSecret,
                ["OpenIdConnect:DisplayName"] = "Example Bank", ["OpenIdConnect:RoleClaim"] = "groups",
            },
        });
        await provider.KnowAsync(console.Address);
        (provider.Asks, provider.Account) = (true, provider.Account with { Groups = ["Reviewer"] });
        await using var visit = await house.AsStrangerToAsync(console);
        await visit.Page.GotoAsync("sessions?state=running");

        await visit.Page.GetByRole(AriaRole.Link, new() { Name = "Sign in with Example Bank" }).ClickAsync();
        await visit.Page.GetByRole(AriaRole.Link, new() { Name = "Continue as Mara Lindqvist" }).ClickAsync();

        await Expect(visit.Page).ToHaveURLAsync(new Uri(console.Address, "sessions?state=running").ToString());
        await Expect(visit.Page.GetByText("mara@example.com").First).ToBeVisibleAsync();

        // And out again, here and there, with nothing to click.
        await visit.Page.GotoAsync("sign-out");
        await visit.Page.GetByRole(AriaRole.Button, new() { Name = "Sign out" }).ClickAsync();
        await Expect(visit.Page).ToHaveTitleAsync("Sign in · Handrail");
        Assert.Equal(1, provider.SignedOut);

        // The provider's own page has no icon, which is not the console's matter.
        Assert.DoesNotContain(visit.Problems, p => !p.Contains(provider.Authority.ToString(), StringComparison.Ordinal));
    }

    [Fact]
    public async Task With_a_second_factor_the_code_is_asked_for_after_the_password()
    {
        Assert.SkipWhen(Chromium.Missing is not null, Chromium.Missing ?? "");
        await using var console = await ConsoleProcess.StartAsync(new ConsoleSettings());
        await using var visit = await house.AsAdministratorOfAsync(console);
        await visit.Page.GotoAsync("account");
        await visit.Page.GetByRole(AriaRole.Button, new() { Name = "Set up" }).ClickAsync();
        await Expect(visit.Page.GetByRole(AriaRole.Img, new() { Name = "QR code for your authenticator" })).ToBeVisibleAsync();
        var totp = new Totp(Base32Encoding.ToBytes((await visit.Page.Locator(".secret-text").InnerTextAsync()).Replace(" ", "", StringComparison.Ordinal)));
        await visit.Page.GetByLabel("Code that your app shows").FillAsync(totp.ComputeTotp(TimeProvider.System.GetUtcNow().UtcDateTime));
        await visit.Page.GetByLabel("Your password").FillAsync(ConsoleProcess.AdminPassword);
        await visit.Page.GetByRole(AriaRole.Button, new() { Name = "Switch on" }).ClickAsync();
        var recovery = await visit.Page.Locator(".recovery-codes code").First.InnerTextAsync();
        await visit.Page.GotoAsync("sign-out");
        await visit.Page.GetByRole(AriaRole.Button, new() { Name = "Sign out" }).ClickAsync();
        await Expect(visit.Page).ToHaveTitleAsync("Sign in · Handrail");

        await visit.SignInAsync(ConsoleProcess.AdminEmail, ConsoleProcess.AdminPassword);
        await Expect(visit.Page).ToHaveTitleAsync("Your code · Handrail");
        await visit.Page.GetByLabel("Code of your authenticator, or a recovery code").FillAsync(recovery);
        await visit.Page.GetByRole(AriaRole.Button, new() { Name = "Sign in" }).ClickAsync();

        await Expect(visit.Page).ToHaveTitleAsync(FleetTitle());
        Assert.Empty(visit.Problems);
    }

    [GeneratedRegex(@"^(\(\d+\+?\) )?Fleet · Handrail$")]
    private static partial Regex FleetTitle();
}

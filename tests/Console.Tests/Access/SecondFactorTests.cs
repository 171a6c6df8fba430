using System.Net;
using Handrail.Host;
using Handrail.Store;
using Handrail.Testing;
using Microsoft.AspNetCore.TestHost;
using Microsoft.Extensions.DependencyInjection;

namespace Handrail.Access;

/// <summary>A code beside the password, as a browser without script meets it.</summary>
public sealed class SecondFactorTests
{
    private const string Password = "Some-horse-9-battery";

    /// <summary>A code is good for its half minute: the next one comes after it.</summary>
    private static readonly TimeSpan NextCode = TimeSpan.FromSeconds(31);

    private readonly ShiftedTime _time = new();

    [Theory, Databases]
    public async Task With_a_second_factor_a_password_opens_nothing_and_the_code_after_it_does(DatabaseProvider provider)
    {
        await using var host = await StartAsync(provider);
        using var owner = await SignedInAsync(host);
        var authenticator = await Authenticator.SetUpAsync(owner, ConsoleHost.AdminPassword, _time);
        using var still = await owner.GetAsync("/inbox");
        Assert.Equal(HttpStatusCode.OK, still.StatusCode);

        _time.Advance(NextCode);
        using var browser = host.Browser();
        using var first = await browser.SignInAsync(Bootstrap.AdminEmail, ConsoleHost.AdminPassword, "/sessions?state=running");
        Assert.Equal("/sign-in/code?returnUrl=%2Fsessions%3Fstate%3Drunning", first.Headers.Location?.PathAndQuery);
        foreach (var path in new[] { "/", "/inbox", "/account", "/sign-out", "/settings/jobs" })
        {
            using var closed = await browser.GetAsync(path);
            Assert.Equal(HttpStatusCode.Redirect, closed.StatusCode);
            Assert.Contains("/sign-in?", closed.Headers.Location!.OriginalString, StringComparison.Ordinal);
        }

        using var file = await browser.GetAsync("/api/v1/export/sessions.csv");
        Assert.Equal(HttpStatusCode.Unauthorized, file.StatusCode);

        using var second = await browser.CodeAsync(authenticator.Code, "/sessions?state=running");
        Assert.Equal("/sessions?state=running", new Uri(browser.BaseAddress!, second.Headers.Location!).PathAndQuery);
        using var open = await browser.GetAsync("/inbox");
        Assert.Equal(HttpStatusCode.OK, open.StatusCode);
        var acts = await ActsAsync(host);
        Assert.Contains("person.second_factor_on", acts);
        Assert.Contains("person.code_asked", acts);
    }

    [Theory, Databases]
    public async Task Threat_19_A_code_that_was_used_opens_nothing_a_second_time(DatabaseProvider provider)
    {
        await using var host = await StartAsync(provider);
        using var owner = await SignedInAsync(host);
        var authenticator = await Authenticator.SetUpAsync(owner, ConsoleHost.AdminPassword, _time);

        // The one that switched it on, and the one of a sign-in.
        Assert.False(await OpensAsync(host, authenticator.Code));
        _time.Advance(NextCode);
        var code = authenticator.Code;
        var tries = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => OpensAsync(host, code)));
        Assert.Single(tries, opened => opened);
        Assert.False(await OpensAsync(host, code));
        _time.Advance(NextCode);
        Assert.True(await OpensAsync(host, authenticator.Code));
    }

    [Theory, Databases]
    public async Task Threat_21_Wrong_codes_lock_the_account_and_a_right_password_between_them_does_not_count_them_anew(DatabaseProvider provider)
    {
        await using var host = await StartAsync(provider);
        using var owner = await SignedInAsync(host);
        var authenticator = await Authenticator.SetUpAsync(owner, ConsoleHost.AdminPassword, _time);
        _time.Advance(NextCode);

        var told = new HashSet<string>();
        for (var i = 0; i < SignIn.MostFailures; i++)
        {
            using var browser = host.Browser();
            using var half = await browser.SignInAsync(Bootstrap.AdminEmail, ConsoleHost.AdminPassword);
            Assert.Contains("/sign-in/code", half.Headers.Location!.OriginalString, StringComparison.Ordinal);
            using var wrong = await browser.CodeAsync(authenticator.WrongCode);
            told.Add(await wrong.AlertAsync());
            if (i == SignIn.MostFailures - 1)
            {
                // Locked: the right code is told the same.
                using var right = await browser.CodeAsync(authenticator.Code);
                Assert.Equal(HttpStatusCode.OK, right.StatusCode);
                told.Add(await right.AlertAsync());
            }
        }

        Assert.NotEmpty(Assert.Single(told));
        using var late = host.Browser();
        using var locked = await late.SignInAsync(Bootstrap.AdminEmail, ConsoleHost.AdminPassword);
        Assert.NotEmpty(await locked.AlertAsync());
        var acts = await ActsAsync(host);
        Assert.Equal(SignIn.MostFailures + 1, acts.Count(a => a == "person.code_failed"));
        Assert.Single(acts, "person.locked_out");

        // Who is signed in stays so, and when the lock is over the code opens.
        using var still = await owner.GetAsync("/inbox");
        Assert.Equal(HttpStatusCode.OK, still.StatusCode);
        _time.Advance(SignIn.LockedFor + TimeSpan.FromSeconds(1));
        Assert.True(await OpensAsync(host, authenticator.Code));
    }

    [Theory, Databases]
    public async Task A_recovery_code_signs_in_once_and_new_ones_end_the_old(DatabaseProvider provider)
    {
        await using var host = await StartAsync(provider);
        using var owner = await SignedInAsync(host);
        var authenticator = await Authenticator.SetUpAsync(owner, ConsoleHost.AdminPassword, _time);
        Assert.Equal(AuthenticatorCodes.RecoveryCount, authenticator.Recovery.Distinct().Count());

        Assert.True(await OpensAsync(host, authenticator.Recovery[0].ToUpperInvariant().Replace('-', ' ')));
        Assert.False(await OpensAsync(host, authenticator.Recovery[0]));
        Assert.Contains("9 recovery codes are left", await owner.GetStringAsync("/account"));

        _time.Advance(NextCode);
        using var renewed = await owner.SubmitAsync(
            "/account", "factor-change", ("Change.Password", ConsoleHost.AdminPassword), ("Change.Code", authenticator.Code), ("Change.Deed", "codes"));
        var codes = Authenticator.Codes(await renewed.Content.ReadAsStringAsync());
        Assert.Equal(AuthenticatorCodes.RecoveryCount, codes.Count);
        Assert.False(await OpensAsync(host, authenticator.Recovery[1]));
        Assert.True(await OpensAsync(host, codes[0]));
        var acts = await ActsAsync(host);
        Assert.Equal(2, acts.Count(a => a == "person.recovery_code_used"));
        Assert.Single(acts, "person.recovery_codes");
    }

    [Theory, Databases]
    public async Task Switching_off_takes_the_password_and_a_code_and_then_the_password_alone_opens(DatabaseProvider provider)
    {
        await using var host = await StartAsync(provider);
        using var owner = await SignedInAsync(host);
        var authenticator = await Authenticator.SetUpAsync(owner, ConsoleHost.AdminPassword, _time);
        _time.Advance(NextCode);

        async Task<string> OffAsync(string password, string code)
        {
            using var answer = await owner.SubmitAsync("/account", "factor-change", ("Change.Password", password), ("Change.Code", code), ("Change.Deed", "off"));
            return await answer.AlertAsync();
        }

        var wrongPassword = await OffAsync("wrong-password-1", authenticator.Code);
        Assert.NotEmpty(wrongPassword);
        Assert.Equal(wrongPassword, await OffAsync(ConsoleHost.AdminPassword, authenticator.WrongCode));
        Assert.Empty(await OffAsync(ConsoleHost.AdminPassword, authenticator.Code));

        using var browser = await SignedInAsync(host);
        Assert.Contains("Off. With it", await browser.GetStringAsync("/account"));
        Assert.Contains("Off. With it", await owner.GetStringAsync("/account"));
        var acts = await ActsAsync(host);
        Assert.Single(acts, "person.second_factor_off");
        Assert.Equal(2, acts.Count(a => a == "person.second_factor_failed"));
    }

    [Fact]
    public async Task It_does_not_count_until_a_code_and_the_password_confirm_it()
    {
        await using var host = await StartAsync(DatabaseProvider.Sqlite);
        using var owner = await SignedInAsync(host);
        using var begun = await owner.SubmitAsync("/account", "factor-begin", ("Begin.Deed", "begin"));

        using var wrongCode = await owner.SubmitAsync("/account", "factor-confirm", ("Confirm.Code", "000000"), ("Confirm.Password", ConsoleHost.AdminPassword));
        using var again = await SignedInAsync(host);

        Assert.NotEmpty(await wrongCode.AlertAsync());
        using var nothing = await again.SubmitAsync("/account", "factor-change", ("Change.Password", ConsoleHost.AdminPassword), ("Change.Code", "000000"), ("Change.Deed", "off"));
        Assert.Contains("no second factor", await nothing.AlertAsync());
        Assert.DoesNotContain("person.second_factor_on", await ActsAsync(host));
    }

    /// <summary>An administrator helps who has lost the phone; what was open as that person ends.</summary>
    [Theory, Databases]
    public async Task Threat_31_An_administrator_resets_a_lost_second_factor_and_what_was_open_ends(DatabaseProvider provider)
    {
        await using var host = await StartAsync(provider);
        var email = await PersonAsync(host);
        using var person = host.Browser();
        await person.SignInAsync(email, Password);
        await Authenticator.SetUpAsync(person, Password, _time);
        Assert.True((await host.Admin.ReadAsync($"/api/v1/users/{email}")).Expect(200)["second_factor"].GetBoolean());
        var reviewer = await host.PersonAsync(Permissions.Owner);
        (await reviewer.Client.SendAsync(HttpMethod.Delete, $"/api/v1/users/{email}/second-factor", null)).Expect(403);

        (await host.Admin.SendAsync(HttpMethod.Delete, $"/api/v1/users/{email}/second-factor", null)).Expect(204);

        await Eventually.HoldsAsync("the open sign-in has ended", async () =>
        {
            using var page = await person.GetAsync("/inbox");
            return page.StatusCode == HttpStatusCode.Redirect;
        });
        using var browser = host.Browser();
        using var signedIn = await browser.SignInAsync(email, Password);
        Assert.DoesNotContain("/sign-in", signedIn.Headers.Location!.OriginalString, StringComparison.Ordinal);
        (await host.Admin.SendAsync(HttpMethod.Delete, $"/api/v1/users/{email}/second-factor", null)).Expect(404);
        (await host.Admin.SendAsync(HttpMethod.Delete, $"/api/v1/users/{Bootstrap.AdminEmail}/second-factor", null)).Expect(409);
    }

    [Theory, Databases]
    public async Task Threat_31_Where_a_second_factor_is_demanded_who_has_none_sets_it_up_before_anything_else(DatabaseProvider provider)
    {
        await using var host = await StartAsync(provider);
        var email = await PersonAsync(host);
        using var person = host.Browser();
        await person.SignInAsync(email, Password);
        using var before = await person.GetAsync("/inbox");
        Assert.Equal(HttpStatusCode.OK, before.StatusCode);
        await using var circuit = await OpenCircuit.OfAsync(host, email);
        var rules = (await host.Admin.ReadAsync("/api/v1/settings/sign-in")).Expect(200);
        Assert.False(rules["require_second_factor"].GetBoolean());
        (await host.Admin.SendAsync(HttpMethod.Put, "/api/v1/settings/sign-in", new { require_second_factor = true })).Expect(428);

        (await host.Admin.SendAsync(HttpMethod.Put, "/api/v1/settings/sign-in", new { require_second_factor = true }, ifMatch: rules.ETag)).Expect(200);

        await Eventually.HoldsAsync("the circuit's person is nobody any more", async () => !await circuit.IsSignedInAsync());
        await Eventually.HoldsAsync("the page leads to the account", async () =>
        {
            using var page = await person.GetAsync("/inbox");
            return page.Headers.Location?.OriginalString == "/account";
        });
        using var newcomer = host.Browser();
        await newcomer.SignInAsync(email, Password);
        using var held = await newcomer.GetAsync("/");
        using var opening = await newcomer.PostAsync("/_blazor/negotiate?negotiateVersion=1", null);
        Assert.Equal(("/account", 403), (held.Headers.Location?.OriginalString, (int)opening.StatusCode));

        var authenticator = await Authenticator.SetUpAsync(newcomer, Password, _time);
        using var open = await newcomer.GetAsync("/inbox");
        Assert.Equal(HttpStatusCode.OK, open.StatusCode);
        _time.Advance(NextCode);
        Assert.True(await OpensAsync(host, authenticator.Code, email, Password));
        (await host.Admin.SendAsync(HttpMethod.Put, "/api/v1/settings/sign-in", new { require_second_factor = false }, ifMatch: rules.ETag)).Expect(412);
    }

    [Theory, Databases]
    public async Task The_secret_and_the_recovery_codes_stand_readable_in_no_table(DatabaseProvider provider)
    {
        await using var host = await StartAsync(provider);
        using var owner = await SignedInAsync(host);
        var authenticator = await Authenticator.SetUpAsync(owner, ConsoleHost.AdminPassword, _time);

        var stored = await host.Services<HandrailStore>().ReadAsync(
            db => Task.FromResult(JsonText.Of(db.SecondFactors.ToList()) + JsonText.Of(db.AuditRecords.ToList()) + JsonText.Of(db.UserTokens.ToList())), CancellationToken.None);

        Assert.Contains("secret_protected", stored);
        Assert.DoesNotContain(authenticator.Secret, stored);
        Assert.All(authenticator.Recovery, code => Assert.DoesNotContain(code, stored));
        Assert.All(authenticator.Recovery, code => Assert.DoesNotContain(code.Replace("-", "", StringComparison.Ordinal), stored));
        Assert.DoesNotContain(authenticator.Secret, await owner.GetStringAsync("/account"));
    }

    [Fact]
    public async Task Threat_19_The_first_step_is_worth_nothing_once_the_password_has_changed_or_time_has_gone_by()
    {
        await using var host = await StartAsync(DatabaseProvider.Sqlite);
        var email = await PersonAsync(host);
        using var person = host.Browser();
        await person.SignInAsync(email, Password);
        var authenticator = await Authenticator.SetUpAsync(person, Password, _time);
        _time.Advance(NextCode);
        using var early = host.Browser();
        await early.SignInAsync(email, Password);

        (await host.Admin.SendAsync(HttpMethod.Patch, $"/api/v1/users/{email}", new { password = "Other-horse-9-battery" })).Expect(200);
        using var answer = await early.CodeAsync(authenticator.Code);
        Assert.NotEmpty(await answer.AlertAsync());

        using var slow = host.Browser();
        await slow.SignInAsync(email, "Other-horse-9-battery");
        _time.Advance(SignInCookies.HalfFor + TimeSpan.FromSeconds(1));
        using var late = await slow.GetAsync("/sign-in/code");
        Assert.Equal("/sign-in", new Uri(slow.BaseAddress!, late.Headers.Location!).PathAndQuery);
    }

    private Task<ConsoleHost> StartAsync(DatabaseProvider provider) =>
        ConsoleHost.StartAsync(provider, h => h.ConfigureTestServices(s => s.AddSingleton<TimeProvider>(_time)).UseSetting("Limits:SignInsPerMinute", "1000"));

    private static async Task<HttpClient> SignedInAsync(ConsoleHost host)
    {
        var browser = host.Browser();
        using var answer = await browser.SignInAsync(Bootstrap.AdminEmail, ConsoleHost.AdminPassword);
        Assert.Equal(HttpStatusCode.Redirect, answer.StatusCode);
        Assert.DoesNotContain("/sign-in/code", answer.Headers.Location!.OriginalString, StringComparison.Ordinal);
        return browser;
    }

    private static async Task<string> PersonAsync(ConsoleHost host)
    {
        var email = (await host.PersonAsync(Permissions.Owner)).Email;
        (await host.Admin.SendAsync(HttpMethod.Patch, $"/api/v1/users/{email}", new { password = Password })).Expect(200);
        return email;
    }

    /// <summary>Whether password and code sign in, from a browser of its own.</summary>
    private static async Task<bool> OpensAsync(ConsoleHost host, string code, string email = Bootstrap.AdminEmail, string password = ConsoleHost.AdminPassword)
    {
        using var browser = host.Browser();
        using var half = await browser.SignInAsync(email, password);
        Assert.Contains("/sign-in/code", half.Headers.Location!.OriginalString, StringComparison.Ordinal);
        using var answer = await browser.CodeAsync(code);
        using var page = await browser.GetAsync("/account");
        Assert.Equal(answer.StatusCode == HttpStatusCode.Redirect, page.StatusCode == HttpStatusCode.OK);
        return page.StatusCode == HttpStatusCode.OK;
    }

    private static async Task<List<string>> ActsAsync(ConsoleHost host) =>
        [.. (await host.Admin.ReadAsync("/api/v1/audit?act=person.*&limit=200")).Expect(200)["items"].EnumerateArray().Select(r => r.GetProperty("act").GetString()!)];
}

using System.Net;
using System.Text.RegularExpressions;
using Handrail.Host;
using Handrail.Store;
using Handrail.Testing;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Identity;
using Microsoft.AspNetCore.TestHost;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;

namespace Handrail.Access;

/// <summary>The front door, as a browser without script uses it.</summary>
public sealed partial class SignInTests
{
    [Theory, Databases]
    public async Task The_right_password_opens_and_the_cookie_is_kept_from_script(DatabaseProvider provider)
    {
        await using var host = await ConsoleHost.StartAsync(provider);
        using var browser = host.Browser();

        using var answer = await browser.SignInAsync(Bootstrap.AdminEmail, ConsoleHost.AdminPassword, "/inbox");

        Assert.Equal(HttpStatusCode.Redirect, answer.StatusCode);
        Assert.Equal(new Uri(browser.BaseAddress!, "/inbox"), new Uri(browser.BaseAddress!, answer.Headers.Location!));
        var cookie = Assert.Single(answer.Headers.GetValues("Set-Cookie"), c => c.StartsWith("handrail=", StringComparison.Ordinal) && !c.StartsWith("handrail=;", StringComparison.Ordinal));
        Assert.Contains("httponly", cookie, StringComparison.OrdinalIgnoreCase);
        Assert.Contains("samesite=lax", cookie, StringComparison.OrdinalIgnoreCase);
        using var page = await browser.GetAsync("/inbox");
        Assert.Equal(HttpStatusCode.OK, page.StatusCode);
        using var api = await browser.GetAsync("/api/v1/sessions");
        Assert.Equal(HttpStatusCode.Unauthorized, api.StatusCode);
    }

    [Fact]
    public async Task Who_is_not_signed_in_is_led_to_the_door_and_back()
    {
        await using var host = await ConsoleHost.StartAsync(DatabaseProvider.Sqlite);
        using var browser = host.Browser();

        using var answer = await browser.GetAsync("/autonomy");

        Assert.Equal(HttpStatusCode.Redirect, answer.StatusCode);
        Assert.Equal("/sign-in?returnUrl=%2Fautonomy", answer.Headers.Location?.PathAndQuery);
    }

    [Theory, Databases]
    public async Task Threat_21_An_unknown_address_and_a_wrong_password_look_the_same_and_five_wrong_ones_lock(DatabaseProvider provider)
    {
        await using var host = await ConsoleHost.StartAsync(provider);
        using var browser = host.Browser();

        var unknown = await (await browser.SignInAsync("nobody@example.com", "wrong-password-1")).AlertAsync();
        var wrong = "";
        for (var i = 0; i < SignIn.MostFailures; i++)
        {
            wrong = await (await browser.SignInAsync(Bootstrap.AdminEmail, "wrong-password-1")).AlertAsync();
        }

        Assert.Equal(unknown, wrong);
        Assert.NotEmpty(wrong);
        using var locked = await browser.SignInAsync(Bootstrap.AdminEmail, ConsoleHost.AdminPassword);
        Assert.Equal(HttpStatusCode.OK, locked.StatusCode);
        Assert.Equal(wrong, await locked.AlertAsync());
        var (acts, text) = await AuditAsync(host);
        Assert.Equal(SignIn.MostFailures + 2, acts.Count(a => a == "person.sign_in_failed"));
        Assert.Single(acts, "person.locked_out");
        Assert.DoesNotContain("wrong-password-1", text);
    }

    [Fact]
    public async Task Threat_21_An_unknown_address_a_wrong_password_a_locked_account_and_one_without_a_password_cost_the_same_work()
    {
        var hasher = new CountingHasher();
        await using var host = await ConsoleHost.StartAsync(DatabaseProvider.Sqlite, h => h.ConfigureTestServices(s => s.AddSingleton<IPasswordHasher<Person>>(hasher)));
        await host.PersonAsync(Permissions.Viewer);
        using var browser = host.Browser();
        await browser.SignInAsync("nobody@example.com", "wrong-password-1");

        async Task<int> WorkAsync(string email)
        {
            var before = hasher.Checks;
            Assert.NotEmpty(await (await browser.SignInAsync(email, "wrong-password-1")).AlertAsync());
            return hasher.Checks - before;
        }

        Assert.Equal(1, await WorkAsync("nobody@example.com"));
        Assert.Equal(1, await WorkAsync("person1@example.com"));
        for (var i = 0; i < SignIn.MostFailures + 2; i++)
        {
            Assert.Equal(1, await WorkAsync(Bootstrap.AdminEmail));
        }
    }

    /// <summary>Else whoever knows an address could keep on-call staff from stopping an agent.</summary>
    [Theory, Databases]
    public async Task Threat_21_A_lock_keeps_passwords_from_being_tried_and_nobody_who_is_signed_in_from_their_work(DatabaseProvider provider)
    {
        await using var host = await ConsoleHost.StartAsync(provider);
        using var signedIn = host.Browser();
        await signedIn.SignInAsync(Bootstrap.AdminEmail, ConsoleHost.AdminPassword);
        using var guesser = host.Browser();
        for (var i = 0; i < SignIn.MostFailures; i++)
        {
            await guesser.SignInAsync(Bootstrap.AdminEmail, "wrong-password-1");
        }

        using var page = await signedIn.GetAsync("/inbox");
        Assert.Equal(HttpStatusCode.OK, page.StatusCode);
        (await host.Admin.PostAsync("/api/v1/fleet/stop", new { reason = "It runs away." })).Expect(200);
    }

    [Theory, Databases]
    public async Task Threat_21_Who_guesses_the_password_of_an_open_sign_in_locks_it_too(DatabaseProvider provider)
    {
        await using var host = await ConsoleHost.StartAsync(provider);
        using var browser = host.Browser();
        await browser.SignInAsync(Bootstrap.AdminEmail, ConsoleHost.AdminPassword);

        Task<HttpResponseMessage> ChangeAsync(string old) =>
            browser.SubmitAsync("/account", "password", ("Input.Old", old), ("Input.New", "Another-horse-8-battery"), ("Input.Again", "Another-horse-8-battery"));
        for (var i = 0; i < SignIn.MostFailures; i++)
        {
            Assert.Contains("not right", await (await ChangeAsync("wrong-password-1")).AlertAsync());
        }

        Assert.Contains("not right", await (await ChangeAsync(ConsoleHost.AdminPassword)).AlertAsync());
        var (acts, _) = await AuditAsync(host);
        Assert.Equal(SignIn.MostFailures + 1, acts.Count(a => a == "person.change_password_failed"));
        Assert.Single(acts, "person.locked_out");
        Assert.DoesNotContain("person.change_password", acts);
    }

    [Theory, Databases]
    public async Task Threat_21_The_password_that_the_console_made_up_opens_nothing_until_it_is_changed(DatabaseProvider provider)
    {
        await using var host = await ConsoleHost.StartAsync(provider, h => h.UseSetting("Bootstrap:AdminPassword", null));
        var note = await File.ReadAllTextAsync(Path.Combine(host.Services<IConfiguration>()["Data:Directory"]!, "first-run.txt"));
        var made = MadeUp().Match(note).Groups[1].Value;
        using var browser = host.Browser();
        using var other = host.Browser();
        await other.SignInAsync(Bootstrap.AdminEmail, made);

        using var signedIn = await browser.SignInAsync(Bootstrap.AdminEmail, made, "/inbox");
        Assert.EndsWith("/account", signedIn.Headers.Location?.ToString());
        foreach (var page in new[] { "/", "/inbox", "/settings/health", "/sessions/s-1" })
        {
            using var refused = await browser.GetAsync(page);
            Assert.Equal((HttpStatusCode.Redirect, "/account"), (refused.StatusCode, refused.Headers.Location?.ToString()));
        }

        using var circuit = await browser.PostAsync("/_blazor/negotiate?negotiateVersion=1", null);
        using var file = await browser.GetAsync("/api/v1/export/sessions.csv");
        using var jobs = await browser.GetAsync("/settings/jobs");
        Assert.Equal((403, 401, 302), ((int)circuit.StatusCode, (int)file.StatusCode, (int)jobs.StatusCode));

        using var same = await browser.SubmitAsync("/account", "password", ("Input.Old", made), ("Input.New", made), ("Input.Again", made));
        Assert.NotEmpty(await same.AlertAsync());
        using var changed = await browser.SubmitAsync("/account", "password", ("Input.Old", made), ("Input.New", ConsoleHost.AdminPassword), ("Input.Again", ConsoleHost.AdminPassword));
        Assert.Equal(HttpStatusCode.Redirect, changed.StatusCode);
        using var inbox = await browser.GetAsync("/inbox");
        Assert.Equal(HttpStatusCode.OK, inbox.StatusCode);

        // Whoever else had signed in by it is out, and it opens nothing any more.
        await Eventually.HoldsAsync("the other sign-in has ended", async () =>
        {
            using var left = await other.GetAsync("/account");
            return left.Headers.Location?.OriginalString.Contains("/sign-in", StringComparison.Ordinal) == true;
        });
        using var again = await other.SignInAsync(Bootstrap.AdminEmail, made);
        Assert.NotEmpty(await again.AlertAsync());
    }

    /// <summary>What was recorded of people, each as <c>act target</c>, and the whole of it as text.</summary>
    private static async Task<(List<string> Acts, string Text)> AuditAsync(ConsoleHost host)
    {
        var records = (await host.Admin.ReadAsync("/api/v1/audit?act=person.*&limit=100")).Expect(200);
        return ([.. records["items"].EnumerateArray().Select(r => r.GetProperty("act").GetString()!)], records.Body.ToString());
    }

    [GeneratedRegex(@"Password:\s+(\S+)")]
    private static partial Regex MadeUp();

    /// <summary>The real one, which counts how often its work is done.</summary>
    private sealed class CountingHasher : IPasswordHasher<Person>
    {
        private readonly PasswordHasher<Person> _real = new();
        private int _checks;

        public int Checks => _checks;

        public string HashPassword(Person user, string password) => _real.HashPassword(user, password);

        public PasswordVerificationResult VerifyHashedPassword(Person user, string hashedPassword, string providedPassword)
        {
            Interlocked.Increment(ref _checks);
            return _real.VerifyHashedPassword(user, hashedPassword, providedPassword);
        }
    }
}

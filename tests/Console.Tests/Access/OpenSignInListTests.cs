using System.Net;
using Handrail.Host;
using Handrail.Store;
using Handrail.Testing;
using Microsoft.AspNetCore.TestHost;
using Microsoft.Extensions.DependencyInjection;

namespace Handrail.Access;

/// <summary>Where somebody is signed in, and for how long.</summary>
public sealed class OpenSignInListTests
{
    private const string Firefox = "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:140.0) Gecko/20100101 Firefox/140.0";
    private const string Phone = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.0 Mobile/15E148 Safari/604.1";

    private readonly ShiftedTime _time = new();

    [Theory, Databases]
    public async Task Threat_31_One_sees_where_one_is_signed_in_and_ends_one_or_all_others(DatabaseProvider provider)
    {
        await using var host = await StartAsync(provider);
        using var here = await SignedInAsync(host, Firefox);
        using var phone = await SignedInAsync(host, Phone);
        using var third = await SignedInAsync(host, "<script>alert(1)</script>");
        using (var failed = host.Browser())
        {
            await failed.SignInAsync(Bootstrap.AdminEmail, "wrong-password-1");
        }

        var page = await here.GetStringAsync("/account");
        Assert.Contains("Firefox on Windows</strong>, this one", page);
        Assert.Contains("Safari on iPhone", page);
        Assert.Contains("An unknown browser", page);
        Assert.DoesNotContain("alert(1)", page);
        Assert.Contains("A sign-in failed", page);

        using var one = await here.SubmitAsync("/account", "sign-ins-end", ("Input.Id", await IdAsync(host, Phone)));
        Assert.DoesNotContain("Safari on iPhone", await one.Content.ReadAsStringAsync());
        await EndsAsync(phone);
        using var goesOn = await third.GetAsync("/account");
        Assert.Equal(HttpStatusCode.OK, goesOn.StatusCode);

        using var others = await here.SubmitAsync("/account", "sign-ins-end", ("Input.Id", "others"));
        await EndsAsync(third);
        using var mine = await here.GetAsync("/account");
        Assert.Equal(HttpStatusCode.OK, mine.StatusCode);
        using var gone = await here.SubmitAsync("/account", "sign-ins-end", ("Input.Id", "made-up"));
        Assert.Contains("no such sign-in", await gone.AlertAsync());
    }

    [Fact]
    public async Task Nobody_ends_a_sign_in_of_somebody_else()
    {
        await using var host = await StartAsync(DatabaseProvider.Sqlite);
        using var admin = await SignedInAsync(host, Firefox);
        var other = new Caller { Kind = CallerKind.Person, Id = "p-other", Name = "other@example.com" };

        await Assert.ThrowsAsync<Refusal>(async () => await host.Services<OpenSignIns>().EndAsync(other, await IdAsync(host, Firefox), CancellationToken.None));
        await host.Services<OpenSignIns>().EndOthersAsync(other, null, CancellationToken.None);

        Assert.NotEmpty(await IdAsync(host, Firefox));
    }

    [Theory, Databases]
    public async Task Threat_19_A_sign_in_is_over_after_its_longest_time_however_much_it_is_used_and_its_circuits_too(DatabaseProvider provider)
    {
        await using var host = await StartAsync(provider);
        using var browser = await SignedInAsync(host, Firefox);
        await using var circuit = await OpenCircuit.OfAsync(host, Bootstrap.AdminEmail, new System.Security.Claims.Claim(PersonClaims.SignInId, await IdAsync(host, Firefox)));
        for (var hours = 0; hours < 20; hours += 5)
        {
            using var used = await browser.GetAsync("/account");
            Assert.Equal(HttpStatusCode.OK, used.StatusCode);
            _time.Advance(TimeSpan.FromHours(5));
        }

        await EndsAsync(browser);
        await Eventually.HoldsAsync("the circuit's person is nobody any more", async () => !await circuit.IsSignedInAsync());
    }

    [Fact]
    public async Task A_sign_in_that_nobody_uses_is_over_sooner()
    {
        await using var host = await StartAsync(DatabaseProvider.Sqlite);
        using var browser = await SignedInAsync(host, Firefox);

        _time.Advance(TimeSpan.FromHours(6) + TimeSpan.FromMinutes(2));

        await EndsAsync(browser);
    }

    [Theory]
    [InlineData("Idle", "00:00:10")]
    [InlineData("Longest", "01:00:00")]
    public async Task A_limit_that_is_none_keeps_the_console_from_starting_and_is_named(string setting, string value)
    {
        var failure = await Record.ExceptionAsync(async () =>
        {
            await using var host = await ConsoleHost.StartAsync(DatabaseProvider.Sqlite, h => h.UseSetting($"SignIn:{setting}", value));
        });

        Assert.Contains($"SignIn:{setting}", failure?.ToString());
    }

    private Task<ConsoleHost> StartAsync(DatabaseProvider provider) => ConsoleHost.StartAsync(
        provider, h => h.ConfigureTestServices(s => s.AddSingleton<TimeProvider>(_time)).UseSetting("SignIn:Idle", "06:00:00").UseSetting("SignIn:Longest", "18:00:00"));

    private static async Task<HttpClient> SignedInAsync(ConsoleHost host, string agent)
    {
        var browser = host.Browser();
        browser.DefaultRequestHeaders.TryAddWithoutValidation("User-Agent", agent);
        using var answer = await browser.SignInAsync(Bootstrap.AdminEmail, ConsoleHost.AdminPassword);
        Assert.Equal(HttpStatusCode.Redirect, answer.StatusCode);
        return browser;
    }

    private static Task EndsAsync(HttpClient browser) => Eventually.HoldsAsync("the sign-in opens nothing", async () =>
    {
        using var page = await browser.GetAsync("/account");
        return page.StatusCode == HttpStatusCode.Redirect;
    });

    /// <summary>The administrator's sign-in of this browser.</summary>
    private static async Task<string> IdAsync(ConsoleHost host, string agent)
    {
        var admin = await host.Services<HandrailStore>().ReadAsync(db => Task.FromResult(db.Users.Single(p => p.Email == Bootstrap.AdminEmail)), CancellationToken.None);
        return (await host.Services<OpenSignIns>().ListAsync(new Caller { Kind = CallerKind.Person, Id = admin.Id, Name = admin.Email! }, CancellationToken.None)).Single(s => s.Browser == agent).Id;
    }
}

using System.Net;
using Handrail.Host;
using Handrail.Store;
using Handrail.Testing;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.Extensions.DependencyInjection;
using OpenIddict.Abstractions;

namespace Handrail.Access;

/// <summary>Signing in by an OpenID Connect provider, a real one, as a browser is sent to and fro.</summary>
public sealed class ProviderTests
{
    [Theory, Databases]
    public async Task Who_signs_in_by_the_provider_is_made_a_person_with_the_roles_and_scopes_that_their_groups_give(DatabaseProvider database)
    {
        await using var provider = await OpenIdProvider.StartAsync();
        await using var host = await StartAsync(database, provider);
        provider.Account = provider.Account with { Groups = ["everybody", "agents-review"], Data = ["claims"] };
        using var browser = host.Browser();
        Assert.Contains("Sign in with Example Bank", await browser.GetStringAsync("/sign-in?returnUrl=%2Finbox"));

        using var back = await browser.ByProviderAsync("/inbox?mine=true");

        Assert.Equal("/inbox?mine=true", PathOf(back));
        using var page = await browser.GetAsync("/inbox");
        Assert.Equal(HttpStatusCode.OK, page.StatusCode);
        var person = (await host.Admin.ReadAsync("/api/v1/users/mara@example.com")).Expect(200);
        Assert.Equal(("Mara Lindqvist", "Reviewer", "claims"), (person.Text("name"), Only(person, "roles"), Only(person, "data_scopes")));
        Assert.NotNull(person["last_sign_in_at"].GetString());
        Assert.Equal(["person.create", "person.change", "person.sign_in"], await ActsAsync(host));
        Assert.DoesNotContain("name=\"Input.Old\"", await browser.GetStringAsync("/account"));

        // Again, in another browser: the same person.
        using var other = host.Browser();
        using var again = await other.ByProviderAsync();
        Assert.Equal("/", PathOf(again));
        Assert.Equal(2, (await host.Admin.ReadAsync("/api/v1/users")).Expect(200)["items"].GetArrayLength());
    }

    [Theory, Databases]
    public async Task Threat_31_A_right_that_was_lost_at_the_provider_is_lost_here_and_what_is_open_with_it_ends(DatabaseProvider database)
    {
        await using var provider = await OpenIdProvider.StartAsync();
        await using var host = await StartAsync(database, provider);
        provider.Account = provider.Account with { Groups = ["agents-admin"], Data = ["claims", "health"] };
        using var early = host.Browser();
        await early.ByProviderAsync();
        using var before = await early.GetAsync("/settings/people");
        Assert.Equal(HttpStatusCode.OK, before.StatusCode);
        await using var circuit = await OpenCircuit.OfAsync(host, "mara@example.com");

        provider.Account = provider.Account with { Groups = ["agents-review"], Data = ["claims"] };
        using var late = host.Browser();
        await late.ByProviderAsync();

        var person = (await host.Admin.ReadAsync("/api/v1/users/mara@example.com")).Expect(200);
        Assert.Equal(("Reviewer", "claims"), (Only(person, "roles"), Only(person, "data_scopes")));
        await Eventually.HoldsAsync("the circuit's person is nobody any more", async () => !await circuit.IsSignedInAsync());
        await Eventually.HoldsAsync("the cookie opens nothing", async () =>
        {
            using var page = await early.GetAsync("/inbox");
            return page.StatusCode == HttpStatusCode.Redirect;
        });
        using var goesOn = await late.GetAsync("/inbox");
        Assert.Equal(HttpStatusCode.OK, goesOn.StatusCode);

        // None left: not even in, and what was open ends too, with what was given here beside it.
        (await host.Admin.SendAsync(HttpMethod.Patch, "/api/v1/users/mara@example.com", new { limited_roles = new[] { new { role = "Owner", team = "claims" } } })).Expect(200);
        await late.ByProviderAsync();
        Assert.Equal("Owner", (await host.Admin.ReadAsync("/api/v1/users/mara@example.com")).Expect(200)["limited_roles"][0].GetProperty("role").GetString());
        provider.Account = provider.Account with { Groups = [] };
        using var last = host.Browser();
        using var refused = await last.ByProviderAsync();
        Assert.Equal("/sign-in?problem=no_role", PathOf(refused));
        Assert.Contains("no role that counts here", await (await last.GetAsync(refused.Headers.Location)).AlertAsync());
        var bare = (await host.Admin.ReadAsync("/api/v1/users/mara@example.com")).Expect(200);
        Assert.Empty(bare["roles"].EnumerateArray().Concat(bare["limited_roles"].EnumerateArray()));
        await Eventually.HoldsAsync("the cookie opens nothing", async () =>
        {
            using var page = await late.GetAsync("/inbox");
            return page.StatusCode == HttpStatusCode.Redirect;
        });
    }

    [Theory, Databases]
    public async Task Groups_give_roles_over_one_teams_agents_and_take_them_away_again(DatabaseProvider database)
    {
        await using var provider = await OpenIdProvider.StartAsync();
        await using var host = await StartAsync(
            database, provider, ("Roles:2:Value", "support-review"), ("Roles:2:Role", "Reviewer"), ("Roles:2:Team", "support"), ("Roles:3:Value", "support-leads"), ("Roles:3:Role", "Owner"), ("Roles:3:Agents:0", "desk"));
        provider.Account = provider.Account with { Groups = ["support-review", "support-leads"] };
        using var browser = host.Browser();
        using var back = await browser.ByProviderAsync();
        Assert.Equal("/", PathOf(back));
        Assert.Equal("""[] [{"role":"Reviewer","team":"support","agents":null},{"role":"Owner","team":null,"agents":["desk"]}]""", await RolesAsync());

        // What is given here does not last beside what the provider says.
        (await host.Admin.SendAsync(HttpMethod.Patch, "/api/v1/users/mara@example.com", new { limited_roles = new[] { new { role = "OnCall", team = "support" } } })).Expect(200);
        provider.Account = provider.Account with { Groups = ["support-review", "agents-review"] };
        using var again = await browser.ByProviderAsync();
        Assert.Equal("""["Reviewer"] [{"role":"Reviewer","team":"support","agents":null}]""", await RolesAsync());

        provider.Account = provider.Account with { Groups = ["everybody"] };
        using var refused = await browser.ByProviderAsync();
        Assert.Equal("/sign-in?problem=no_role", PathOf(refused));
        Assert.Equal("[] []", await RolesAsync());

        async Task<string> RolesAsync()
        {
            var person = (await host.Admin.ReadAsync("/api/v1/users/mara@example.com")).Expect(200);
            return $"{person["roles"].GetRawText()} {person["limited_roles"].GetRawText()}";
        }
    }

    [Theory, Databases]
    public async Task An_address_makes_nobody_somebody_else_unless_it_is_verified_and_the_administrator_allows_it(DatabaseProvider database)
    {
        await using var provider = await OpenIdProvider.StartAsync();
        await using (var strict = await StartAsync(database, provider))
        {
            (await strict.Admin.PostAsync("/api/v1/users", new { email = "mara@example.com", roles = new[] { "Administrator" } })).Expect(200);
            provider.Account = provider.Account with { Groups = ["agents-review"] };
            using var browser = strict.Browser();
            using var taken = await browser.ByProviderAsync();
            Assert.Equal("/sign-in?problem=address_taken", PathOf(taken));
        }

        await using var second = await OpenIdProvider.StartAsync();
        await using var host = await StartAsync(database, second, ("LinkByEmail", "true"));
        (await host.Admin.PostAsync("/api/v1/users", new { email = "mara@example.com", roles = new[] { "Viewer" } })).Expect(200);
        second.Account = second.Account with { Groups = ["agents-review"], EmailVerified = false };
        using var unverified = host.Browser();
        using var refused = await unverified.ByProviderAsync();
        Assert.Equal("/sign-in?problem=address_taken", PathOf(refused));

        second.Account = second.Account with { EmailVerified = true };
        using var verified = host.Browser();
        using var linked = await verified.ByProviderAsync();
        Assert.Equal("/", PathOf(linked));
        Assert.Contains("person.link", await ActsAsync(host));

        // The address has passed on to somebody else at the provider, who is not the same person here; and the subject is, whatever the address.
        second.Account = second.Account with { Subject = "subject-2" };
        using var successor = host.Browser();
        using var passedOn = await successor.ByProviderAsync();
        Assert.Equal("/sign-in?problem=address_taken", PathOf(passedOn));
        second.Account = second.Account with { Subject = "subject-1", Email = "mara.lindqvist@example.com" };
        using var renamed = host.Browser();
        using var same = await renamed.ByProviderAsync();
        Assert.Equal("/", PathOf(same));
        Assert.Equal(2, (await host.Admin.ReadAsync("/api/v1/users")).Expect(200)["items"].GetArrayLength());
    }

    public static TheoryData<string> Forgeries() => ["nonce", "issuer", "expired", "signature", "audience"];

    [Theory, MemberData(nameof(Forgeries))]
    public async Task Threat_19_A_token_that_was_not_made_for_this_sign_in_by_this_provider_opens_nothing(string forgery)
    {
        await using var provider = await OpenIdProvider.StartAsync();
        await using var host = await StartAsync(DatabaseProvider.Sqlite, provider);
        provider.Account = provider.Account with { Groups = ["agents-admin"] };
        provider.Forges = context =>
        {
            switch (forgery)
            {
                case "nonce":
                    context.Principal.SetClaim("nonce", "of-another-sign-in");
                    break;
                case "issuer":
                    context.Principal.SetClaim(OpenIddictConstants.Claims.Private.Issuer, "http://127.0.0.1:1/");
                    break;
                case "expired":
                    context.Principal.SetCreationDate(TimeProvider.System.GetUtcNow().AddMinutes(-20)).SetExpirationDate(TimeProvider.System.GetUtcNow().AddSeconds(-10));
                    break;
                case "audience":
                    context.Principal.SetAudiences("another-client");
                    break;
                default:
                    context.SigningCredentials = OpenIdProvider.ForeignKey();
                    break;
            }
        };
        using var browser = host.Browser();

        using var back = await browser.ByProviderAsync("/inbox");

        Assert.Equal(forgery == "nonce" ? "/sign-in?problem=stale&returnUrl=%2Finbox" : "/sign-in?problem=untrusted&returnUrl=%2Finbox", PathOf(back));
        using var page = await browser.GetAsync("/inbox");
        Assert.Equal(HttpStatusCode.Redirect, page.StatusCode);
        Assert.Equal(["person.sign_in_failed"], await ActsAsync(host));
        Assert.Single((await host.Admin.ReadAsync("/api/v1/users")).Expect(200)["items"].EnumerateArray());
        provider.Forges = null;
        using var honest = await browser.ByProviderAsync("/inbox");
        Assert.Equal("/inbox", PathOf(honest));
    }

    [Fact]
    public async Task Threat_19_An_answer_that_was_used_or_is_of_another_browser_opens_nothing()
    {
        await using var provider = await OpenIdProvider.StartAsync();
        await using var host = await StartAsync(DatabaseProvider.Sqlite, provider);
        provider.Account = provider.Account with { Groups = ["agents-admin"] };
        using var owner = host.Browser();
        var answer = await owner.AnswerOfProviderAsync();

        // Another browser has not begun it.
        using var thief = host.Browser();
        using var stolen = await thief.GetAsync(answer);
        Assert.Equal("/sign-in?problem=stale", PathOf(stolen));

        // The one that has, once.
        using var first = await owner.GetAsync(answer);
        Assert.Equal("/", PathOf(first));
        using var again = await owner.GetAsync(answer);
        Assert.Equal("/sign-in?problem=stale", PathOf(again).Split('&')[0]);

        // Its code within another sign-in that was begun: the provider has spent it, and it is not of this proof key.
        var other = QueryHelpers.ParseQuery(new Uri(await thief.AnswerOfProviderAsync()).Query);
        var code = QueryHelpers.ParseQuery(new Uri(answer).Query)["code"].ToString();
        using var mixed = await thief.GetAsync(QueryHelpers.AddQueryString(ProviderSetup.CallbackPath, new Dictionary<string, string?> { ["code"] = code, ["state"] = other["state"], ["iss"] = other["iss"] }));
        Assert.Equal("/sign-in?problem=stale", PathOf(mixed));

        // And states that were made up.
        foreach (var state in new[] { "", "?state=made-up&code=x", "?error=access_denied" })
        {
            using var made = await thief.GetAsync(ProviderSetup.CallbackPath + state);
            Assert.StartsWith("/sign-in?problem=", PathOf(made), StringComparison.Ordinal);
        }

        using var page = await thief.GetAsync("/account");
        Assert.Equal(HttpStatusCode.Redirect, page.StatusCode);
    }

    [Fact]
    public async Task What_goes_wrong_at_the_provider_is_said_in_words_of_this_console()
    {
        await using var provider = await OpenIdProvider.StartAsync();
        await using var host = await StartAsync(DatabaseProvider.Sqlite, provider);
        foreach (var (error, problem, words) in new[]
        {
            ("access_denied", "denied", "refused there"), ("server_error", "unreachable", "answer"), ("temporarily_unavailable", "unreachable", "answer"), ("unauthorized_client", "misconfigured", "Tell an administrator"),
        })
        {
            provider.Refuses = error;
            using var browser = host.Browser();
            using var back = await browser.ByProviderAsync();
            Assert.Equal($"/sign-in?problem={problem}", PathOf(back));
            var said = await (await browser.GetAsync(back.Headers.Location)).AlertAsync();
            Assert.Contains(words, said, StringComparison.Ordinal);
            Assert.DoesNotContain("words of the provider", said, StringComparison.Ordinal);
        }

        provider.Refuses = null;
        provider.Account = provider.Account with { Email = null, Groups = ["agents-admin"] };
        using var nameless = host.Browser();
        using var noAddress = await nameless.ByProviderAsync();
        Assert.Equal("/sign-in?problem=no_address", PathOf(noAddress));
        Assert.Empty(await (await nameless.GetAsync("/sign-in?problem=made-up")).AlertAsync());
    }

    [Fact]
    public async Task A_provider_that_does_not_answer_is_said_to_and_passwords_still_open()
    {
        await using var host = await ConsoleHost.StartAsync(DatabaseProvider.Sqlite, h => Set(h, new Uri($"http://127.0.0.1:{FreePort.Find()}/")));
        using var browser = host.Browser();

        using var answer = await browser.GetAsync(ProviderSetup.StartPath + "?returnUrl=/inbox");

        Assert.Equal("/sign-in?problem=unreachable&returnUrl=%2Finbox", PathOf(answer));
        using var signedIn = await browser.SignInAsync(Bootstrap.AdminEmail, ConsoleHost.AdminPassword, "/inbox");
        Assert.Equal("/inbox", PathOf(signedIn));
    }

    [Fact]
    public async Task Threat_27_Whoever_comes_back_from_the_provider_stays_on_this_console()
    {
        await using var provider = await OpenIdProvider.StartAsync();
        await using var host = await StartAsync(DatabaseProvider.Sqlite, provider);
        provider.Account = provider.Account with { Groups = ["agents-admin"] };
        foreach (var elsewhere in new[] { "https://elsewhere.example.com/", "//elsewhere.example.com", "/\\elsewhere.example.com", "javascript:alert(1)" })
        {
            using var browser = host.Browser();
            using var back = await browser.ByProviderAsync(elsewhere);
            Assert.Equal("/", back.Headers.Location?.OriginalString);
            provider.Refuses = "access_denied";
            using var refused = await browser.ByProviderAsync(elsewhere);
            Assert.Equal("/sign-in?problem=denied", PathOf(refused));
            provider.Refuses = null;
        }
    }

    [Fact]
    public async Task Signing_out_here_leads_to_signing_out_at_the_provider()
    {
        await using var provider = await OpenIdProvider.StartAsync();
        await using var host = await StartAsync(DatabaseProvider.Sqlite, provider);
        provider.Account = provider.Account with { Groups = ["agents-admin"] };
        using var browser = host.Browser();
        await browser.ByProviderAsync();

        using var left = await browser.SubmitAsync("/sign-out", "sign-out");

        var link = WebUtility.HtmlDecode(System.Text.RegularExpressions.Regex.Match(await left.Content.ReadAsStringAsync(), "href=\"([^\"]+connect/logout[^\"]+)\"").Groups[1].Value);
        using var page = await browser.GetAsync("/inbox");
        Assert.Equal(HttpStatusCode.Redirect, page.StatusCode);
        using var web = new HttpClient(new HttpClientHandler { AllowAutoRedirect = false });
        using var signedOut = await web.GetAsync(link);
        Assert.Equal((1, new Uri(browser.BaseAddress!, "/sign-in").ToString()), (provider.SignedOut, signedOut.Headers.Location?.ToString().Split('?')[0]));
    }

    [Fact]
    public async Task Without_local_passwords_the_provider_is_the_only_way_in_and_who_is_not_known_there_stays_out()
    {
        await using var provider = await OpenIdProvider.StartAsync();
        await using var host = await StartAsync(DatabaseProvider.Sqlite, provider, ("LocalPasswords", "false"), ("CreatePeople", "false"));
        using var browser = host.Browser();
        Assert.DoesNotContain("name=\"Input.Password\"", await browser.GetStringAsync("/sign-in"));
        await Assert.ThrowsAsync<Refusal>(() => host.Services<SignIn>().HandleAsync(Bootstrap.AdminEmail, ConsoleHost.AdminPassword, null, null, CancellationToken.None));

        provider.Account = provider.Account with { Groups = ["agents-admin"] };
        using var unknown = await browser.ByProviderAsync();
        Assert.Equal("/sign-in?problem=unknown", PathOf(unknown));
    }

    [Theory]
    [InlineData("Authority", "http://login.example.com", "OpenIdConnect:Authority")]
    [InlineData("Authority", "", "OpenIdConnect:Authority")]
    [InlineData("ClientId", "", "OpenIdConnect:ClientId")]
    [InlineData("Scopes", "email", "OpenIdConnect:Scopes")]
    [InlineData("Roles:0:Role", "King", "OpenIdConnect:Roles:0:Role")]
    [InlineData("Roles:0:Team", "support", "OpenIdConnect:Roles:0 can't limit the role Administrator")]
    [InlineData("RoleClaim", "", "OpenIdConnect:RoleClaim")]
    [InlineData("ClientSecrect", "typed wrong", "OpenIdConnect:ClientSecrect")]
    public async Task A_setting_that_is_wrong_keeps_the_console_from_starting_and_is_named(string setting, string value, string named)
    {
        var failure = await Record.ExceptionAsync(async () =>
        {
            await using var host = await ConsoleHost.StartAsync(DatabaseProvider.Sqlite, h => Set(h, new Uri("https://login.example.com/"), (setting, value)));
        });

        Assert.Contains(named, failure?.ToString());
    }

    private static async Task<ConsoleHost> StartAsync(DatabaseProvider database, OpenIdProvider provider, params (string Name, string Value)[] more)
    {
        var host = await ConsoleHost.StartAsync(database, h => Set(h, provider.Authority, more));
        using var browser = host.Browser();
        await provider.KnowAsync(browser.BaseAddress!);
        return host;
    }

    private static void Set(IWebHostBuilder host, Uri authority, params (string Name, string Value)[] more)
    {
        foreach (var (name, value) in new[]
        {
            ("Authority", authority.ToString()), ("ClientId", OpenIdProvider.ClientId), ("ClientSecret", OpenIdProvider.ClientSecret), ("DisplayName", "Example Bank"),
            ("RoleClaim", "groups"), ("Roles:0:Value", "agents-admin"), ("Roles:0:Role", "Administrator"), ("Roles:1:Value", "agents-review"), ("Roles:1:Role", "Reviewer"), ("DataScopeClaim", "data"),
        }.Where(s => !more.Any(m => m.Name == s.Item1)).Concat(more))
        {
            host.UseSetting($"OpenIdConnect:{name}", value.Length == 0 ? null : value);
        }
    }

    private static string PathOf(HttpResponseMessage answer) => new Uri(new Uri("http://localhost/"), answer.Headers.Location!).PathAndQuery;

    private static string? Only(Answer answer, string member) => Assert.Single(answer[member].EnumerateArray()).GetString();

    private static async Task<List<string>> ActsAsync(ConsoleHost host) =>
        [.. (await host.Admin.ReadAsync("/api/v1/audit?act=person.*&limit=200")).Expect(200)["items"].EnumerateArray()
            .Where(r => r.GetProperty("actor").GetString() != Bootstrap.AdminEmail).Reverse().Select(r => r.GetProperty("act").GetString()!)];
}

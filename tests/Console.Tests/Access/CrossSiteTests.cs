using System.Net;
using System.Net.Sockets;
using System.Net.WebSockets;
using System.Reflection;
using System.Text.RegularExpressions;
using Handrail.Host;
using Handrail.Store;
using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Routing;
using Microsoft.AspNetCore.Mvc.Testing;

namespace Handrail.Access;

/// <summary>What a page elsewhere can't do with the browser of somebody who is signed in here.</summary>
public sealed partial class CrossSiteTests
{
    [Theory]
    [InlineData("http://localhost")]
    [InlineData("https://localhost")]
    public async Task Threat_20_No_cookie_goes_along_with_what_a_foreign_page_asks_for(string address)
    {
        await using var host = await ConsoleHost.StartAsync(DatabaseProvider.Sqlite);
        var client = new WebApplicationFactoryClientOptions { AllowAutoRedirect = false, HandleCookies = true, BaseAddress = new Uri(address) };
        using var browser = host.Factory.CreateClient(client);
        using var door = await browser.GetAsync("/sign-in");
        using var signedIn = await browser.SignInAsync(Bootstrap.AdminEmail, ConsoleHost.AdminPassword);
        using var inbox = await browser.GetAsync("/inbox");
        using var account = await browser.GetAsync("/account");
        using var signedOut = await browser.SubmitAsync("/sign-out", "sign-out");

        var cookies = new[] { door, signedIn, inbox, account, signedOut }.SelectMany(a => a.Headers.TryGetValues("Set-Cookie", out var set) ? set : []).ToList();

        Assert.True(cookies.Count >= 2, "cookies were set");
        Assert.All(cookies, c =>
        {
            Assert.Matches("(?i)samesite=(lax|strict)", c);
            Assert.Contains("httponly", c, StringComparison.OrdinalIgnoreCase);
            Assert.Equal(address.StartsWith("https", StringComparison.Ordinal), c.Contains("; secure", StringComparison.OrdinalIgnoreCase));
        });
    }

    [Fact]
    public async Task Threat_20_What_a_page_posts_without_its_token_is_refused_on_every_page()
    {
        await using var host = await ConsoleHost.StartAsync(DatabaseProvider.Sqlite);
        using var browser = host.Browser();
        await browser.SignInAsync(Bootstrap.AdminEmail, ConsoleHost.AdminPassword);
        await BeginSecondStepAsync(host, browser);
        var pages = typeof(Shell.App).Assembly.GetTypes().SelectMany(t => t.GetCustomAttributes<RouteAttribute>().Select(r => (Page: t, Path: Parameter().Replace(r.Template, "x1")))).ToList();
        Assert.True(pages.Count >= 15, $"only {pages.Count} pages were found");

        var forms = 0;
        foreach (var (page, path) in pages)
        {
            var names = page.GetCustomAttribute<ExcludeFromInteractiveRoutingAttribute>() is null ? [""] : FormName().Matches(await browser.GetStringAsync(path)).Select(m => m.Groups[1].Value).ToList();
            foreach (var name in names)
            {
                using var form = new FormUrlEncodedContent(new Dictionary<string, string> { ["_handler"] = name, ["Input.Email"] = Bootstrap.AdminEmail, ["Input.Password"] = ConsoleHost.AdminPassword });
                using var answer = await browser.PostAsync(path, form);
                Assert.True(answer.StatusCode == HttpStatusCode.BadRequest, $"{path} answered {answer.StatusCode} to the form '{name}'");
                forms++;
            }
        }

        Assert.True(forms >= pages.Count, $"{forms} forms of {pages.Count} pages were sent");

        // Nobody was signed out by it.
        using var still = await browser.GetAsync("/account");
        Assert.Equal(HttpStatusCode.OK, still.StatusCode);
    }

    /// <summary>The page of the second step is there for who has done the first.</summary>
    private static async Task BeginSecondStepAsync(ConsoleHost host, HttpClient browser)
    {
        var email = (await host.PersonAsync(Permissions.Viewer)).Email;
        (await host.Admin.SendAsync(HttpMethod.Patch, $"/api/v1/users/{email}", new { password = "Some-horse-9-battery" })).Expect(200);
        using var person = host.Browser();
        await person.SignInAsync(email, "Some-horse-9-battery");
        await Authenticator.SetUpAsync(person, "Some-horse-9-battery", TimeProvider.System);
        await browser.SignInAsync(email, "Some-horse-9-battery");
    }

    [Theory]
    [InlineData("/_blazor", "https://evil.example")]
    [InlineData("/_blazor", "null")]
    [InlineData("/hubs/agents", "https://evil.example")]
    [InlineData("/hubs/agents", "http://127.0.0.1:1")]
    [InlineData("/hubs/agents", "null")]
    public async Task Threat_20_A_foreign_page_opens_no_circuit_and_no_hub(string path, string origin)
    {
        await using var host = await ConsoleHost.StartAsync(DatabaseProvider.Sqlite, onPorts: true);
        var cookie = await host.CookieAsync();
        using var negotiate = new HttpRequestMessage(HttpMethod.Post, path + "/negotiate?negotiateVersion=1");
        negotiate.Headers.TryAddWithoutValidation("Origin", origin);
        using var own = new HttpRequestMessage(HttpMethod.Post, path + "/negotiate?negotiateVersion=1");
        own.Headers.TryAddWithoutValidation("Origin", host.Address.GetLeftPart(UriPartial.Authority));
        negotiate.Headers.Add("Cookie", cookie);
        own.Headers.Add("Cookie", cookie);

        Assert.Equal(403, (int)(await host.Agent.SendAsync(negotiate)).StatusCode);
        Assert.Equal(200, (int)(await host.Agent.SendAsync(own)).StatusCode);
        using var socket = Socket(cookie);
        socket.Options.SetRequestHeader("Origin", origin);
        await Assert.ThrowsAsync<WebSocketException>(() => ConnectAsync(socket, host, path));
        Assert.Equal(HttpStatusCode.Forbidden, socket.HttpStatusCode);
    }

    [Theory]
    [InlineData("/sign-in", 200)]
    [InlineData("/api/v1/sessions", 401)]
    [InlineData("/no-such-page", 404)]
    [InlineData("/favicon.svg", 200)]
    [InlineData("/.well-known/jwks.json", 200)]
    [InlineData("/openapi/v1.json", 200)]
    public async Task Threat_20_Every_answer_forbids_frames_inline_script_and_foreign_origins(string path, int status)
    {
        await using var host = await ConsoleHost.StartAsync(DatabaseProvider.Sqlite);

        var answer = (await host.Anonymous.ReadAsync(path)).Expect(status);

        var policy = string.Join("; ", answer.Message.Headers.GetValues("Content-Security-Policy"));
        Assert.Contains("script-src 'self';", policy);
        Assert.Contains("frame-ancestors 'none'", policy);
        Assert.Contains("object-src 'none'", policy);
        Assert.Contains("form-action 'self'", policy);
        Assert.DoesNotContain("unsafe-inline", policy.Split(';').Single(d => d.Contains("script-src", StringComparison.Ordinal)));
        Assert.Equal("DENY", answer.Header("X-Frame-Options"));
        Assert.Equal("nosniff", answer.Header("X-Content-Type-Options"));
    }

    [Theory]
    [InlineData("//evil.example/x")]
    [InlineData("/\\evil.example")]
    [InlineData("https://evil.example")]
    [InlineData("/\t/evil.example")]
    [InlineData("javascript:alert(1)")]
    public async Task Threat_27_Signing_in_leads_to_no_other_place(string returnUrl)
    {
        await using var host = await ConsoleHost.StartAsync(DatabaseProvider.Sqlite);
        using var browser = host.Browser();

        using var answer = await browser.SignInAsync(Bootstrap.AdminEmail, ConsoleHost.AdminPassword, returnUrl);

        Assert.Equal(HttpStatusCode.Redirect, answer.StatusCode);
        Assert.Equal(new Uri(browser.BaseAddress!, "/"), new Uri(browser.BaseAddress!, answer.Headers.Location!));
    }

    [Theory]
    [InlineData("/_blazor")]
    [InlineData("/hubs/agents")]
    public async Task Threat_32_Neither_circuits_nor_the_hub_are_compressed_though_a_client_asks_for_it(string path)
    {
        await using var host = await ConsoleHost.StartAsync(DatabaseProvider.Sqlite, onPorts: true);
        using var socket = Socket(await host.CookieAsync());
        socket.Options.DangerousDeflateOptions = new WebSocketDeflateOptions();

        await ConnectAsync(socket, host, path);

        Assert.Equal(WebSocketState.Open, socket.State);
        Assert.False(socket.HttpResponseHeaders!.ContainsKey("Sec-WebSocket-Extensions"));
    }

    [Theory]
    [InlineData("/inbox")]
    [InlineData("/account")]
    [InlineData("/api/v1/export/sessions.csv")]
    public async Task Threat_32_What_is_told_to_one_person_is_not_compressed_and_names_no_referrer(string path)
    {
        await using var host = await ConsoleHost.StartAsync(DatabaseProvider.Sqlite);
        using var browser = host.Browser();
        await browser.SignInAsync(Bootstrap.AdminEmail, ConsoleHost.AdminPassword);
        browser.DefaultRequestHeaders.Add("Accept-Encoding", "gzip, br");

        using var answer = await browser.GetAsync(path);

        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        Assert.Empty(answer.Content.Headers.ContentEncoding);
        Assert.Equal("no-referrer", answer.Headers.GetValues("Referrer-Policy").Single());
    }

    /// <summary>As a browser with a sign-in and an agent with its key, whichever is asked for.</summary>
    private static ClientWebSocket Socket(string cookie)
    {
        var socket = new ClientWebSocket();
        socket.Options.SetRequestHeader("Cookie", cookie);
        socket.Options.SetRequestHeader("x-api-key", ConsoleHost.AgentKey);
        socket.Options.CollectHttpResponseDetails = true;
        return socket;
    }

    private static async Task ConnectAsync(ClientWebSocket socket, ConsoleHost host, string path)
    {
        using var patience = new CancellationTokenSource(Testing.Eventually.Patience);
        await socket.ConnectAsync(new UriBuilder(new Uri(host.Address, path)) { Scheme = "ws" }.Uri, patience.Token);
    }

    [GeneratedRegex(@"\{[^}]*\}")]
    private static partial Regex Parameter();

    [GeneratedRegex("name=\"_handler\" value=\"([^\"]*)\"")]
    private static partial Regex FormName();
}

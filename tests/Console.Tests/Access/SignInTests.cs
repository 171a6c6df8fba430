using System.Net;
using System.Text.RegularExpressions;
using Handrail.Host;
using Handrail.Store;
using Handrail.Testing;
using Microsoft.AspNetCore.Mvc.Testing;

namespace Handrail.Access;

/// <summary>The front door, as a browser without script uses it.</summary>
public sealed partial class SignInTests
{
    [Theory, Databases]
    public async Task The_right_password_opens_and_the_cookie_is_kept_from_script(DatabaseProvider provider)
    {
        await using var host = await ConsoleHost.StartAsync(provider);
        using var browser = Browser(host);

        using var answer = await SubmitAsync(browser, Bootstrap.AdminEmail, ConsoleHost.AdminPassword, "/inbox");

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
        using var browser = Browser(host);

        using var answer = await browser.GetAsync("/autonomy");

        Assert.Equal(HttpStatusCode.Redirect, answer.StatusCode);
        Assert.Equal("/sign-in?returnUrl=%2Fautonomy", answer.Headers.Location?.PathAndQuery);
    }

    [Theory, Databases]
    public async Task An_unknown_address_and_a_wrong_password_look_the_same_and_five_wrong_ones_lock(DatabaseProvider provider)
    {
        await using var host = await ConsoleHost.StartAsync(provider);
        using var browser = Browser(host);

        var unknown = await (await SubmitAsync(browser, "nobody@example.com", "wrong-password-1")).Content.ReadAsStringAsync();
        var wrong = "";
        for (var i = 0; i < SignIn.MostFailures; i++)
        {
            wrong = await (await SubmitAsync(browser, Bootstrap.AdminEmail, "wrong-password-1")).Content.ReadAsStringAsync();
        }

        Assert.Equal(Alert().Match(unknown).Groups[1].Value, Alert().Match(wrong).Groups[1].Value);
        Assert.NotEmpty(Alert().Match(wrong).Groups[1].Value);
        using var locked = await SubmitAsync(browser, Bootstrap.AdminEmail, ConsoleHost.AdminPassword);
        Assert.Equal(HttpStatusCode.OK, locked.StatusCode);
        var audit = await host.Services<Audit.AuditQueries>().ListAsync(Caller.System, new Audit.AuditFilter(null, "person.*", null, null, null), null, 50, CancellationToken.None);
        Assert.Contains(audit.Items, r => r.Act == "person.locked_out");
        Assert.DoesNotContain("wrong-password-1", JsonText.Of(audit));
    }

    [Fact]
    public async Task A_form_without_its_token_is_refused()
    {
        await using var host = await ConsoleHost.StartAsync(DatabaseProvider.Sqlite);
        using var browser = Browser(host);
        using var form = new FormUrlEncodedContent(new Dictionary<string, string>
        {
            ["_handler"] = "sign-in", ["Input.Email"] = Bootstrap.AdminEmail, ["Input.Password"] = ConsoleHost.AdminPassword,
        });

        using var answer = await browser.PostAsync("/sign-in", form);

        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
    }

    private static HttpClient Browser(ConsoleHost host) =>
        host.Factory.CreateClient(new WebApplicationFactoryClientOptions { AllowAutoRedirect = false, HandleCookies = true });

    private static async Task<HttpResponseMessage> SubmitAsync(HttpClient browser, string email, string password, string? returnUrl = null)
    {
        var path = "/sign-in" + (returnUrl is null ? "" : $"?returnUrl={Uri.EscapeDataString(returnUrl)}");
        var page = await browser.GetStringAsync(path);
        using var form = new FormUrlEncodedContent(new Dictionary<string, string>
        {
            ["_handler"] = "sign-in",
            ["__RequestVerificationToken"] = Token().Match(page).Groups[1].Value,
            ["Input.Email"] = email,
            ["Input.Password"] = password,
        });
        return await browser.PostAsync(path, form);
    }

    [GeneratedRegex("name=\"__RequestVerificationToken\" value=\"([^\"]+)\"")]
    private static partial Regex Token();

    [GeneratedRegex("role=\"alert\"[^>]*>([^<]+)<")]
    private static partial Regex Alert();
}

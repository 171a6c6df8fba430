using System.Text.RegularExpressions;
using Handrail.Host;
using Microsoft.AspNetCore.Mvc.Testing;

namespace Handrail.Access;

/// <summary>The pages without script as a browser uses them: it fetches a form, fills it in and sends it with its token.</summary>
internal static partial class SignInForm
{
    public static HttpClient Browser(this ConsoleHost host) =>
        host.Factory.CreateClient(new WebApplicationFactoryClientOptions { AllowAutoRedirect = false, HandleCookies = true });

    /// <summary>The cookie of the administrator, signed in at a console on ports.</summary>
    public static async Task<string> CookieAsync(this ConsoleHost host)
    {
        using var browser = new HttpClient(new HttpClientHandler { AllowAutoRedirect = false }) { BaseAddress = host.Address };
        using var answer = await browser.SignInAsync(Bootstrap.AdminEmail, ConsoleHost.AdminPassword);
        return answer.SignInCookie();
    }

    /// <summary>The cookie that an answer signs in with: <c>name=value</c>.</summary>
    public static string SignInCookie(this HttpResponseMessage answer) =>
        answer.Headers.GetValues("Set-Cookie").Last(c => c.StartsWith("handrail=", StringComparison.Ordinal) && !c.StartsWith("handrail=;", StringComparison.Ordinal)).Split(';')[0];

    public static Task<HttpResponseMessage> SignInAsync(this HttpClient browser, string email, string password, string? returnUrl = null) => browser.SubmitAsync(
        "/sign-in" + (returnUrl is null ? "" : $"?returnUrl={Uri.EscapeDataString(returnUrl)}"), "sign-in", ("Input.Email", email), ("Input.Password", password));

    /// <summary>The second step, after the password was right.</summary>
    public static Task<HttpResponseMessage> CodeAsync(this HttpClient browser, string code, string? returnUrl = null) =>
        browser.SubmitAsync("/sign-in/code" + (returnUrl is null ? "" : $"?returnUrl={Uri.EscapeDataString(returnUrl)}"), "code", ("Input.Code", code));

    public static async Task<HttpResponseMessage> SubmitAsync(this HttpClient browser, string path, string form, params (string Name, string Value)[] fields)
    {
        var page = await browser.GetStringAsync(path);
        using var content = new FormUrlEncodedContent(
        [
            new("_handler", form), new("__RequestVerificationToken", Token().Match(page).Groups[1].Value), .. fields.Select(f => new KeyValuePair<string, string>(f.Name, f.Value)),
        ]);
        return await browser.PostAsync(path, content);
    }

    /// <summary>What the page says went wrong; empty when it says nothing.</summary>
    public static async Task<string> AlertAsync(this HttpResponseMessage answer) => Alert().Match(await answer.Content.ReadAsStringAsync()).Groups[1].Value;

    [GeneratedRegex("name=\"__RequestVerificationToken\" value=\"([^\"]+)\"")]
    private static partial Regex Token();

    [GeneratedRegex("role=\"alert\"[^>]*>([^<]+)<")]
    private static partial Regex Alert();
}

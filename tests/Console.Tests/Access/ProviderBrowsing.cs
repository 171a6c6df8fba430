using System.Net;

namespace Handrail.Access;

/// <summary>How a browser goes from the sign-in page to the provider and back.</summary>
internal static class ProviderBrowsing
{
    /// <summary>To the provider and back, up to the console's answer to what the browser brings.</summary>
    public static async Task<HttpResponseMessage> ByProviderAsync(this HttpClient browser, string? returnUrl = null) => await browser.GetAsync(await browser.AnswerOfProviderAsync(returnUrl));

    /// <summary>The address that the provider sends the browser back to, with its answer in it.</summary>
    public static async Task<string> AnswerOfProviderAsync(this HttpClient browser, string? returnUrl = null)
    {
        using var away = await browser.GetAsync(ProviderSetup.StartPath + (returnUrl is null ? "" : $"?returnUrl={Uri.EscapeDataString(returnUrl)}"));
        Assert.Equal(HttpStatusCode.Redirect, away.StatusCode);
        using var web = new HttpClient(new HttpClientHandler { AllowAutoRedirect = false });
        using var back = await web.GetAsync(away.Headers.Location);
        Assert.True(back.StatusCode == HttpStatusCode.Redirect, await back.Content.ReadAsStringAsync());
        return back.Headers.Location!.ToString();
    }
}

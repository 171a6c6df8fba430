using System.Text.RegularExpressions;
using OtpNet;

namespace Handrail.Access;

/// <summary>A person's authenticator app: it was told the secret by the account page, and shows codes.</summary>
internal sealed partial class Authenticator(string secret, TimeProvider time)
{
    public string Secret { get; } = secret;

    /// <summary>The recovery codes that were shown when it was switched on.</summary>
    public IReadOnlyList<string> Recovery { get; private set; } = [];

    public string Code => new Totp(Base32Encoding.ToBytes(Secret)).ComputeTotp(time.GetUtcNow().UtcDateTime);

    /// <summary>A code that is not the one of now, nor of the moments beside it.</summary>
    public string WrongCode
    {
        get
        {
            var totp = new Totp(Base32Encoding.ToBytes(Secret));
            var near = Enumerable.Range(-3, 7).Select(step => totp.ComputeTotp(time.GetUtcNow().UtcDateTime.AddSeconds(30 * step))).ToHashSet();
            return Enumerable.Range(0, 10).Select(n => $"00000{n}").First(c => !near.Contains(c));
        }
    }

    /// <summary>Sets a second factor up on the account page, as its signed-in owner.</summary>
    public static async Task<Authenticator> SetUpAsync(HttpClient browser, string password, TimeProvider time)
    {
        using var begun = await browser.SubmitAsync("/account", "factor-begin", ("Begin.Deed", "begin"));
        var page = await begun.Content.ReadAsStringAsync();
        Assert.Contains("<svg", page);
        var authenticator = new Authenticator(SecretText().Match(page).Groups[1].Value.Replace(" ", "", StringComparison.Ordinal), time);
        using var on = await browser.SubmitAsync("/account", "factor-confirm", ("Confirm.Code", authenticator.Code), ("Confirm.Password", password));
        authenticator.Recovery = Codes(await on.Content.ReadAsStringAsync());
        Assert.Equal(AuthenticatorCodes.RecoveryCount, authenticator.Recovery.Count);
        return authenticator;
    }

    /// <summary>The recovery codes that a page shows.</summary>
    public static List<string> Codes(string page) => [.. RecoveryCode().Matches(page).Select(m => m.Groups[1].Value)];

    [GeneratedRegex("secret-text\"[^>]*>([A-Z2-7 ]+)<")]
    private static partial Regex SecretText();

    [GeneratedRegex("<code[^>]*>([a-z2-7]{4}(?:-[a-z2-7]{4}){3})</code>")]
    private static partial Regex RecoveryCode();
}

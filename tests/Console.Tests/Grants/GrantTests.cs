using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Handrail.Host;
using Handrail.Policy;
using Handrail.Store;
using Handrail.Testing;
using Microsoft.AspNetCore.Hosting;
using Microsoft.EntityFrameworkCore;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;

namespace Handrail.Grants;

/// <summary>A grant is proof for whoever carries an action out: anybody's library verifies it, and nobody else can make one.</summary>
public sealed class GrantTests
{
    [Theory, Databases]
    public async Task Another_library_verifies_a_grant_by_the_listed_keys_and_reads_what_it_covers(DatabaseProvider provider)
    {
        await using var host = await ConsoleHost.StartAsync(provider);
        await host.PayerAsync();
        var answer = await host.AskAsync("s-1", "a-1");

        var verified = await VerifyAsync(host, answer.Text("grant"));

        Assert.True(verified.IsValid, verified.Exception?.Message);
        var claims = JsonText.Element(Base64UrlEncoder.Decode(((JsonWebToken)verified.SecurityToken).EncodedPayload))!.Value;
        Assert.Equal(("s-1", "a-1", "payment.send"), (Text(claims, "session_id"), Text(claims, "action_id"), Text(claims, "type")));
        Assert.Equal((GrantCalls.Agent, "u-42", "USD"), (Text(claims, "agent"), Text(claims, "user"), Text(claims, "currency")));
        Assert.Equal(20m, claims.GetProperty("amount").GetDecimal());

        // What RFC 8785 makes of the arguments, written out by hand.
        const string Canonical = """{"amount":20,"iban":"DE02120300000000202051","z":1}""";
        Assert.Equal(Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(Canonical))), Text(claims, "args_sha256"));
        Assert.InRange(claims.GetProperty("exp").GetInt64() - claims.GetProperty("iat").GetInt64(), 1, 300);
    }

    [Theory, Databases]
    public async Task Threat_05_An_edit_makes_a_grant_for_the_edited_arguments(DatabaseProvider provider)
    {
        await using var host = await ConsoleHost.StartAsync(provider);
        await host.PayerAsync();
        var approved = await host.ApprovedAsync("s-1", "a-1", new { amount = 60m, arguments = new { iban = "DE02120300000000202051", amount = 60 } });

        var claims = Payload(approved.Text("grant"));

        Assert.Equal(60m, claims.GetProperty("amount").GetDecimal());
        Assert.Equal(CanonicalJson.Sha256(approved["arguments"]), Text(claims, "args_sha256"));
    }

    [Theory, Databases]
    public async Task Threat_19_A_grant_that_was_changed_or_made_elsewhere_is_refused(DatabaseProvider provider)
    {
        await using var host = await ConsoleHost.StartAsync(provider);
        await host.PayerAsync();
        var grant = await host.GrantAsync("s-1", "a-1");
        var parts = grant.Split('.');
        var header = JsonText.Element(Encoding.UTF8.GetString(Base64Url.DecodeFromChars(parts[0])))!.Value;
        var kid = Text(header, "kid");
        var key = (await host.Anonymous.ReadAsync("/.well-known/jwks.json")).Expect(200)["keys"][0];
        using var ours = ECDsa.Create(ECCurve.NamedCurves.nistP256);

        string Head(string alg, string? named = null) => Encode(JsonText.Of(new { alg, kid = named ?? kid, typ = GrantTokens.Type }));
        string Signed(string head, string payload) =>
            $"{head}.{payload}.{Base64Url.EncodeToString(ours.SignData(Encoding.ASCII.GetBytes($"{head}.{payload}"), HashAlgorithmName.SHA256))}";
        var hmac = $"{Head("HS256")}.{parts[1]}";
        var more = Encode(Encoding.UTF8.GetString(Base64Url.DecodeFromChars(parts[1])).Replace("\"amount\":20", "\"amount\":2000", StringComparison.Ordinal));
        var forged = new Dictionary<string, string>
        {
            ["no token"] = "grant",
            ["empty parts"] = "..",
            ["not JSON"] = "AAAA.AAAA.AAAA",
            ["half a surrogate pair in the header"] = $"{Encode("""{"alg":"\ud800"}""")}.{parts[1]}.{parts[2]}",
            ["no algorithm"] = $"{Head("none")}.{parts[1]}.",
            ["signed with the public key as a secret"] =
                $"{hmac}.{Base64Url.EncodeToString(HMACSHA256.HashData(Encoding.UTF8.GetBytes(key.GetRawText()), Encoding.ASCII.GetBytes(hmac)))}",
            ["another key under our id"] = Signed(Head("ES256"), parts[1]),
            ["an unknown key"] = Signed(Head("ES256", "00000000"), parts[1]),
            ["another amount"] = $"{parts[0]}.{more}.{parts[2]}",
            ["half a signature"] = $"{parts[0]}.{parts[1]}.{parts[2][..40]}",
            ["no signature"] = $"{parts[0]}.{parts[1]}.",
            ["a signature of zeros"] = $"{parts[0]}.{parts[1]}.{Base64Url.EncodeToString(new byte[64])}",
            ["another header"] = $"{Encode(JsonText.Of(new { alg = "ES256", kid, typ = "JWT" }))}.{parts[1]}.{parts[2]}",
        };

        foreach (var (what, token) in forged)
        {
            var refused = await host.RedeemAsync(token);
            Assert.True(refused.Status == 400 && refused["errors"].TryGetProperty("grant", out _), $"{what}: {refused.Status} {refused.Body}");
        }

        (await host.RedeemAsync(grant)).Expect(200);
    }

    [Theory, Databases]
    public async Task Threat_19_A_key_that_somebody_wrote_into_the_table_is_none_of_ours(DatabaseProvider provider)
    {
        using var theirs = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var point = theirs.ExportParameters(includePrivateParameters: false).Q;
        await OverARestartAsync(
            provider,
            async db =>
            {
                var ours = await db.GrantKeys.AsNoTracking().SingleAsync();
                db.GrantKeys.Add(new GrantKey { Id = "theirs", X = Base64Url.EncodeToString(point.X), Y = Base64Url.EncodeToString(point.Y), PrivateProtected = ours.PrivateProtected, CreatedAt = ours.CreatedAt, SignsFrom = ours.SignsFrom });
                return await db.SaveChangesAsync();
            },
            async (host, grant) =>
            {
                var signed = $"{Encode(JsonText.Of(new { alg = "ES256", kid = "theirs", typ = GrantTokens.Type }))}.{grant.Split('.')[1]}";
                (await host.RedeemAsync($"{signed}.{Base64Url.EncodeToString(theirs.SignData(Encoding.ASCII.GetBytes(signed), HashAlgorithmName.SHA256))}")).Expect(400);
                Assert.DoesNotContain("theirs", (await host.Anonymous.ReadAsync("/.well-known/jwks.json")).Expect(200).Body.ToString(), StringComparison.Ordinal);
                (await host.RedeemAsync(grant)).Expect(200);
            });
    }

    [Theory, Databases]
    public Task A_key_that_cannot_be_opened_any_more_is_followed_by_one_that_signs_at_once(DatabaseProvider provider) => OverARestartAsync(
        provider,
        db => db.GrantKeys.ExecuteUpdateAsync(k => k.SetProperty(x => x.PrivateProtected, "nonsense")),
        async (host, grant) =>
        {
            (await host.RedeemAsync(grant)).Expect(400);
            var fresh = await host.GrantAsync("s-1", "a-1");
            Assert.True((await VerifyAsync(host, fresh)).IsValid);
            (await host.RedeemAsync(fresh)).Expect(200);
        });

    [Theory, Databases]
    public async Task A_grant_of_another_console_is_refused(DatabaseProvider provider)
    {
        await using var host = await ConsoleHost.StartAsync(provider);
        await using var other = await ConsoleHost.StartAsync(DatabaseProvider.Sqlite, h => h.UseSetting("Grants:Issuer", "elsewhere"));
        await host.PayerAsync();
        await other.PayerAsync();
        await host.AskAsync("s-1", "a-1");

        (await host.RedeemAsync(await other.GrantAsync("s-1", "a-1"))).Expect(400);
    }

    [Theory, Databases]
    public async Task A_new_key_takes_over_while_the_grants_of_the_old_one_still_hold(DatabaseProvider provider)
    {
        await using var host = await ConsoleHost.StartAsync(provider);
        await host.PayerAsync();
        var before = await host.GrantAsync("s-1", "a-1");
        var kid = (await host.Admin.PostAsync("/api/v1/grants/keys/rotate", new { reason = "quarter" })).Expect(200).Text("kid");

        var listed = (await host.Anonymous.ReadAsync("/.well-known/jwks.json")).Expect(200);
        Assert.Equal(2, listed["keys"].GetArrayLength());
        Assert.Contains("max-age", listed.Header("Cache-Control"));
        Assert.DoesNotContain("\"d\"", listed.Body.ToString());
        Assert.True((await VerifyAsync(host, before)).IsValid);
        (await host.RedeemAsync(before)).Expect(200);

        // One that others know is out at once, and the new one signs at once.
        var distrusted = await host.GrantAsync("s-2", "a-2");
        var newest = (await host.Admin.PostAsync("/api/v1/grants/keys/rotate", new { distrust_others = true })).Expect(200).Text("kid");
        (await host.RedeemAsync(distrusted)).Expect(400);
        var fresh = await host.GrantAsync("s-2", "a-2");
        Assert.NotEqual(kid, newest);
        Assert.Equal(newest, new JsonWebToken(fresh).Kid);
        (await host.RedeemAsync(fresh)).Expect(200);
    }

    [Theory, Databases]
    public async Task The_private_half_of_a_key_is_nowhere_to_be_read(DatabaseProvider provider)
    {
        await using var host = await ConsoleHost.StartAsync(provider);
        await host.PayerAsync();
        await host.GrantAsync("s-1", "a-1");

        var rows = await host.Services<HandrailStore>().ReadAsync(db => db.GrantKeys.ToListAsync(), CancellationToken.None);

        var stored = Convert.FromBase64String(Assert.Single(rows).PrivateProtected);
        using var key = ECDsa.Create();
        Assert.ThrowsAny<CryptographicException>(() => key.ImportPkcs8PrivateKey(stored, out _));
    }

    /// <summary>A grant of one console, what happens to the database then, and what the console that is started on it makes of the grant.</summary>
    private static async Task OverARestartAsync(DatabaseProvider provider, Func<HandrailDb, Task<int>> change, Func<ConsoleHost, string, Task> then)
    {
        // Its own folder for both: on another one a console takes itself for restored, and distrusts all earlier keys.
        var folder = Directory.CreateTempSubdirectory("handrail-test-").FullName;
        try
        {
            await using var database = await TestDatabase.CreateAsync(provider);
            string grant;
            await using (var before = await ConsoleHost.StartAsync(database, h => h.UseSetting("Data:Directory", folder)))
            {
                await before.PayerAsync();
                grant = await before.GrantAsync("s-1", "a-1");
                await before.Services<HandrailStore>().ReadAsync(change, default);
            }

            await using var host = await ConsoleHost.StartAsync(database, h => h.UseSetting("Data:Directory", folder));
            await then(host, grant);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static async Task<TokenValidationResult> VerifyAsync(ConsoleHost host, string grant)
    {
        var keys = new JsonWebKeySet((await host.Anonymous.ReadAsync("/.well-known/jwks.json")).Expect(200).Body.GetRawText());
        return await new JsonWebTokenHandler().ValidateTokenAsync(grant, new TokenValidationParameters
        {
            ValidIssuer = "handrail",
            ValidateAudience = false,
            ValidAlgorithms = ["ES256"],
            ValidTypes = [GrantTokens.Type],
            IssuerSigningKeys = keys.GetSigningKeys(),
            ClockSkew = TimeSpan.FromSeconds(5),
        });
    }

    private static JsonElement Payload(string grant) => JsonText.Element(Encoding.UTF8.GetString(Base64Url.DecodeFromChars(grant.Split('.')[1])))!.Value;

    private static string Encode(string text) => Base64Url.EncodeToString(Encoding.UTF8.GetBytes(text));

    private static string? Text(JsonElement claims, string name) => claims.GetProperty(name).GetString();
}

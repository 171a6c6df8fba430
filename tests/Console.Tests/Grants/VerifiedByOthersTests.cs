using System.Buffers.Text;
using System.Data.Common;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Handrail.Host;
using Handrail.Store;
using Handrail.Testing;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.AspNetCore.TestHost;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;

namespace Handrail.Grants;

/// <summary>Whoever has the published keys and nothing else of ours tells a grant that holds from one that does not: by a library of others, and by a digest of their own making.</summary>
public sealed class VerifiedByOthersTests
{
    [Theory, Databases]
    public async Task Another_library_takes_grants_of_both_keys_while_one_follows_the_other_and_of_the_old_one_no_more_after_that(DatabaseProvider provider)
    {
        var time = new ShiftedTime();
        await using var host = await StartAsync(provider, time);
        await host.PayerAsync();
        var old = await host.GrantAsync("s-1", "a-1");
        Assert.Equal("ES256", new JsonWebToken(old).Alg);
        (await host.Admin.PostAsync("/api/v1/grants/keys/rotate", new { reason = "quarter" })).Expect(200);

        time.Advance(TimeSpan.FromMinutes(6));
        var young = await host.GrantAsync("s-2", "a-2");
        var overlap = await KeysAsync(host);
        Assert.NotEqual(new JsonWebToken(old).Kid, new JsonWebToken(young).Kid);
        Assert.Equal([new JsonWebToken(young).Kid, new JsonWebToken(old).Kid], overlap.GetSigningKeys().Select(k => k.KeyId));
        await TakesAsync(overlap, old);
        await TakesAsync(overlap, young);

        time.Advance(TimeSpan.FromMinutes(10));
        var after = await KeysAsync(host);
        Assert.Equal([new JsonWebToken(young).Kid], after.GetSigningKeys().Select(k => k.KeyId));
        Assert.IsType<SecurityTokenSignatureKeyNotFoundException>((await ValidateAsync(after, old, expires: false)).Exception);
        await TakesAsync(after, await host.GrantAsync("s-2", "a-2"));
    }

    [Theory, Databases]
    public async Task Another_library_refuses_what_was_changed_what_is_signed_in_another_way_and_what_has_expired(DatabaseProvider provider)
    {
        await using var host = await ConsoleHost.StartAsync(provider);
        await host.PayerAsync();
        var keys = await KeysAsync(host);
        var grant = await host.GrantAsync("s-1", "a-1");
        var other = await host.GrantAsync("s-1", "a-2");
        var (parts, others) = (grant.Split('.'), other.Split('.'));

        await TakesAsync(keys, grant);
        Assert.False((await ValidateAsync(keys, $"{parts[0]}.{others[1]}.{parts[2]}")).IsValid);
        Assert.False((await ValidateAsync(keys, $"{Encode("""{"alg":"none","typ":"handrail-grant+jwt"}""")}.{parts[1]}.")).IsValid);
        var exp = DateTimeOffset.FromUnixTimeSeconds(JsonText.Element(Base64UrlEncoder.Decode(parts[1]))!.Value.GetProperty("exp").GetInt64());
        Assert.IsType<SecurityTokenExpiredException>((await ValidateAsync(keys, grant, now: exp + TimeSpan.FromSeconds(6))).Exception);
        await TakesAsync(keys, grant, now: exp + TimeSpan.FromSeconds(4));
    }

    /// <summary>The samples of RFC 8785 (3.2.2 and 3.2.3), a name that needs both, and an action without arguments; their forms written out by hand.</summary>
    [Theory, Databases]
    public async Task The_digest_in_a_grant_is_what_anybody_makes_of_the_arguments(DatabaseProvider provider)
    {
        await using var host = await ConsoleHost.StartAsync(provider);
        await host.PayerAsync();
        (string Sent, string Canonical)[] samples =
        [
            ("""{"numbers":[333333333.33333329,1E30,4.50,2e-3,0.000000000000000000000000001],"string":"\u20ac$\u000F\u000aA'\u0042\u0022\u005c\\\"\/","literals":[null,true,false]}""",
                """{"literals":[null,true,false],"numbers":[333333333.3333333,1e+30,4.5,0.002,1e-27],"string":"€$\u000f\nA'B\"\\\\\"/"}"""),
            ("""{"\u20ac":5,"\r":1,"\ufb33":7,"1":2,"\ud83d\ude00":6,"\u0080":3,"\u00f6":4}""", "{\"\\r\":1,\"1\":2,\"\u0080\":3,\"\u00f6\":4,\"\u20ac\":5,\"\ud83d\ude00\":6,\"\ufb33\":7}"),
            ("""{ "to": {"z": -0.0, "name": "M\u00fcller & S\u00f6hne <GmbH>"}, "amount": 20.00 }""", """{"amount":20,"to":{"name":"Müller & Söhne <GmbH>","z":0}}"""),
            ("null", "null"),
        ];

        for (var i = 0; i < samples.Length; i++)
        {
            var body = $$"""{"action_id":"d-{{i}}","agent":"payer","type":"payment.send","amount":20,"currency":"USD","arguments":{{samples[i].Sent}}}""";
            using var content = new StringContent(body, Encoding.UTF8, "application/json");
            var answer = JsonText.Element(await (await host.Agent.PostAsync(new Uri("/api/v1/sessions/s-1/actions", UriKind.Relative), content)).Content.ReadAsStringAsync())!.Value;

            var claims = JsonText.Element(Base64UrlEncoder.Decode(answer.GetProperty("grant").GetString()!.Split('.')[1]))!.Value;
            Assert.Equal(Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(samples[i].Canonical))), claims.GetProperty("args_sha256").GetString());
        }
    }

    [Theory, Databases]
    public async Task The_row_of_a_key_holds_its_private_half_encrypted_and_in_no_other_way(DatabaseProvider provider)
    {
        await using var host = await ConsoleHost.StartAsync(provider);
        await host.PayerAsync();
        var kid = new JsonWebToken(await host.GrantAsync("s-1", "a-1")).Kid;
        var listed = Assert.Single((await KeysAsync(host)).Keys);

        var row = await RowAsync(host);
        var pkcs8 = host.Services<IDataProtectionProvider>().CreateProtector("Handrail.Grants.SigningKey.v1").Unprotect(Convert.FromBase64String(row["private_protected"]));
        using var key = ECDsa.Create();
        key.ImportPkcs8PrivateKey(pkcs8, out _);
        var known = key.ExportParameters(includePrivateParameters: true);

        // It is the very key: its public half is the one that is listed, and its secret stands nowhere in the row.
        Assert.Equal((kid, listed.X, listed.Y), (row["id"], Base64Url.EncodeToString(known.Q.X), Base64Url.EncodeToString(known.Q.Y)));
        var everything = string.Join('\n', row.Values);
        var cipher = Convert.FromBase64String(row["private_protected"]);
        foreach (var secret in new[] { known.D!, pkcs8 })
        {
            Assert.DoesNotContain(Convert.ToBase64String(secret).TrimEnd('='), everything, StringComparison.Ordinal);
            Assert.DoesNotContain(Base64Url.EncodeToString(secret), everything, StringComparison.Ordinal);
            Assert.DoesNotContain(Convert.ToHexString(secret), everything, StringComparison.OrdinalIgnoreCase);
            Assert.True(cipher.AsSpan().IndexOf(secret) < 0, "The private half stands in what should be encrypted.");
        }

        Assert.Throws<CryptographicException>(() => host.Services<IDataProtectionProvider>().CreateProtector("Handrail.Notify").Unprotect(cipher));
    }

    /// <summary>As the database has it, past the model.</summary>
    private static Task<Dictionary<string, string>> RowAsync(ConsoleHost host) => host.Services<HandrailStore>().ReadAsync(
        async db =>
        {
            await db.Database.OpenConnectionAsync();
            await using DbCommand command = db.Database.GetDbConnection().CreateCommand();
            command.CommandText = "SELECT * FROM grant_keys";
            await using var reader = await command.ExecuteReaderAsync();
            Assert.True(await reader.ReadAsync());
            var row = Enumerable.Range(0, reader.FieldCount).ToDictionary(reader.GetName, i => Convert.ToString(reader.GetValue(i), System.Globalization.CultureInfo.InvariantCulture)!);
            Assert.False(await reader.ReadAsync());
            return row;
        },
        CancellationToken.None);

    private static async Task<JsonWebKeySet> KeysAsync(ConsoleHost host) => new((await host.Anonymous.ReadAsync("/.well-known/jwks.json")).Expect(200).Body.GetRawText());

    private static async Task TakesAsync(JsonWebKeySet keys, string grant, DateTimeOffset? now = null)
    {
        var result = await ValidateAsync(keys, grant, now: now);
        Assert.True(result.IsValid, result.Exception?.Message);
    }

    private static Task<TokenValidationResult> ValidateAsync(JsonWebKeySet keys, string grant, bool expires = true, DateTimeOffset? now = null) =>
        new JsonWebTokenHandler().ValidateTokenAsync(grant, new TokenValidationParameters
        {
            ValidIssuer = "handrail",
            ValidateAudience = false,
            ValidAlgorithms = ["ES256"],
            ValidTypes = [GrantTokens.Type],
            IssuerSigningKeys = keys.GetSigningKeys(),
            ClockSkew = TimeSpan.FromSeconds(5),
            ValidateLifetime = expires,
            LifetimeValidator = now is not { } at ? null : (_, exp, token, parameters) =>
                exp + parameters.ClockSkew > at.UtcDateTime ? true : throw new SecurityTokenExpiredException($"{token.Id} has expired."),
        });

    private static string Encode(string text) => Base64Url.EncodeToString(Encoding.UTF8.GetBytes(text));

    private static Task<ConsoleHost> StartAsync(DatabaseProvider provider, TimeProvider time) =>
        ConsoleHost.StartAsync(provider, h => h.ConfigureTestServices(s => s.AddSingleton(time)));
}

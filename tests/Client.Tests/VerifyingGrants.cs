using System.Buffers.Text;
using System.Net;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Handrail.Policy;
using Microsoft.Extensions.Time.Testing;
using Xunit;

namespace Handrail.Client.Tests;

/// <summary>The system that carries actions out tells a grant of the console from everything else, and does nothing on a doubt.</summary>
public sealed class VerifyingGrants : IDisposable
{
    private static readonly JsonElement Arguments = JsonDocument.Parse("""{"iban":"DE02120300000000202051","amount":20.0}""").RootElement;

    private readonly ECDsa _key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
    private readonly FakeTimeProvider _time = new(new DateTimeOffset(2026, 5, 1, 12, 0, 0, TimeSpan.Zero));

    [Fact]
    public async Task A_grant_is_verified_offline_while_the_keys_are_kept()
    {
        using var keys = new Keys(this);
        using var verifier = Verifier(keys);
        var grant = Grant();

        var verified = await verifier.VerifyAsync(grant, "payment.send", Arguments);
        keys.Gone = true;
        await verifier.VerifyAsync(grant, "payment.send", JsonDocument.Parse("""{ "amount": 2e1, "iban": "DE02120300000000202051" }""").RootElement);

        Assert.Equal(("s-1", "a-1", "payment.send", 20m), (verified.SessionId, verified.ActionId, verified.Type, verified.Amount));
        Assert.Equal(1, keys.Asked);
    }

    [Fact]
    public async Task Without_the_keys_nothing_is_verified()
    {
        using var keys = new Keys(this) { Gone = true };
        using var verifier = Verifier(keys);

        await Assert.ThrowsAsync<HttpRequestException>(() => verifier.VerifyAsync(Grant(), "payment.send", Arguments));
    }

    [Fact]
    public async Task Other_arguments_another_action_another_issuer_and_a_time_gone_by_are_refused()
    {
        using var keys = new Keys(this);
        using var verifier = Verifier(keys);
        var grant = Grant();

        await Assert.ThrowsAsync<GrantRefusedException>(() => verifier.VerifyAsync(grant, "payment.send", JsonDocument.Parse("""{"iban":"DE02120300000000202051","amount":20.01}""").RootElement));
        await Assert.ThrowsAsync<GrantRefusedException>(() => verifier.VerifyAsync(grant, "payment.send", JsonDocument.Parse("null").RootElement));
        await Assert.ThrowsAsync<GrantRefusedException>(() => verifier.VerifyAsync(Grant(issuer: "elsewhere"), "payment.send", Arguments));
        await Assert.ThrowsAsync<GrantRefusedException>(() => verifier.VerifyAsync(grant, "payment.refund", Arguments));
        _time.Advance(TimeSpan.FromSeconds(304));
        await verifier.VerifyAsync(grant, "payment.send", Arguments);
        _time.Advance(TimeSpan.FromSeconds(1));
        await Assert.ThrowsAsync<GrantRefusedException>(() => verifier.VerifyAsync(grant, "payment.send", Arguments));
    }

    [Fact]
    public async Task What_the_console_did_not_sign_is_refused()
    {
        using var keys = new Keys(this);
        using var verifier = Verifier(keys);
        var parts = Grant().Split('.');
        using var other = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        string[] forged =
        [
            "", "grant", "..", $"{parts[0]}.{parts[1]}.", $"{parts[0]}.{parts[1]}.{parts[2][..20]}", $"{Encode("""{"alg":"none","kid":"k-1","typ":"handrail-grant+jwt"}""")}.{parts[1]}.",
            $"{Encode("""{"alg":"HS256","kid":"k-1","typ":"handrail-grant+jwt"}""")}.{parts[1]}.{parts[2]}", Grant(key: other), Grant(kid: "k-2"), Grant(type: "JWT"),
            $"{parts[0]}.{Encode(Encoding.UTF8.GetString(Base64Url.DecodeFromChars(parts[1])).Replace("a-1", "a-2", StringComparison.Ordinal))}.{parts[2]}", new string('a', 10_000),
        ];

        foreach (var grant in forged)
        {
            await Assert.ThrowsAsync<GrantRefusedException>(() => verifier.VerifyAsync(grant, "payment.send", Arguments));
        }
    }

    public void Dispose() => _key.Dispose();

    private GrantVerifier Verifier(Keys keys) => new(new GrantVerifierOptions { Endpoint = new Uri("http://console.test"), MessageHandler = keys, TimeProvider = _time });

    private string Grant(string issuer = "handrail", string kid = "k-1", string type = "handrail-grant+jwt", ECDsa? key = null)
    {
        var claims = new JsonObject
        {
            ["iss"] = issuer, ["jti"] = "j-1", ["exp"] = _time.GetUtcNow().ToUnixTimeSeconds() + 300, ["session_id"] = "s-1", ["action_id"] = "a-1", ["type"] = "payment.send",
            ["agent"] = "payer", ["amount"] = 20m, ["currency"] = "USD", ["args_sha256"] = CanonicalJson.Sha256(Arguments),
        };
        var signed = $"{Encode(new JsonObject { ["alg"] = "ES256", ["kid"] = kid, ["typ"] = type }.ToJsonString())}.{Encode(claims.ToJsonString())}";
        return $"{signed}.{Base64Url.EncodeToString((key ?? _key).SignData(Encoding.ASCII.GetBytes(signed), HashAlgorithmName.SHA256))}";
    }

    private static string Encode(string text) => Base64Url.EncodeToString(Encoding.UTF8.GetBytes(text));

    private sealed class Keys(VerifyingGrants test) : HttpMessageHandler
    {
        public bool Gone { get; set; }

        public int Asked { get; private set; }

        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            if (Gone)
            {
                throw new HttpRequestException("gone");
            }

            Asked++;
            Assert.Equal("/.well-known/jwks.json", request.RequestUri!.AbsolutePath);
            var q = test._key.ExportParameters(false).Q;
            var list = new JsonObject
            {
                ["keys"] = new JsonArray(new JsonObject
                {
                    ["kty"] = "EC", ["crv"] = "P-256", ["kid"] = "k-1", ["x"] = Base64Url.EncodeToString(q.X), ["y"] = Base64Url.EncodeToString(q.Y),
                }),
            };
            return Task.FromResult(new HttpResponseMessage(HttpStatusCode.OK) { Content = new StringContent(list.ToJsonString(), Encoding.UTF8, "application/json") });
        }
    }
}

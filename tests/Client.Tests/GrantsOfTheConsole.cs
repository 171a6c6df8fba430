using System.Buffers.Text;
using System.Net.Http.Json;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Handrail.Store;
using Handrail.Testing;
using Xunit;

namespace Handrail.Client.Tests;

/// <summary>The verifier and the console that is shipped: what it signed passes, and nothing that was made of it does.</summary>
public sealed class GrantsOfTheConsole
{
    private const string Arguments = """{"iban":"DE02120300000000202051","z":1.0,"amount":20}""";

    [Theory, Databases]
    public async Task Threat_05_and_19_A_grant_passes_for_what_it_was_given_for_and_for_nothing_else(DatabaseProvider provider)
    {
        await using var console = await ConsoleProcess.StartAsync(new ConsoleSettings { Provider = provider });
        await PublishAsync(console, "/api/v1/fleet/policy", """{"autonomy":"autonomous"}""");
        var (grant, other) = (await GrantAsync(console, "a-1", "payment.send"), await GrantAsync(console, "a-2", "payment.refund"));
        using var verifier = new GrantVerifier(new GrantVerifierOptions { Endpoint = console.Address });

        var covered = await verifier.VerifyAsync(grant, "payment.send", Json("""{ "amount": 2e1, "z": 1, "iban": "DE02120300000000202051" }"""));
        Assert.Equal(("s-1", "a-1", "payment.send", "payer", "u-42", 20m, "USD"),
            (covered.SessionId, covered.ActionId, covered.Type, covered.Agent, covered.User, covered.Amount!.Value, covered.Currency));

        await RefusedAsync("arguments", () => verifier.VerifyAsync(grant, "payment.send", Json(Arguments.Replace("20}", "2000}", StringComparison.Ordinal))));
        await RefusedAsync("arguments", () => verifier.VerifyAsync(grant, "payment.send", Json(Arguments.Replace("DE02", "DE03", StringComparison.Ordinal))));
        await RefusedAsync("arguments", () => verifier.VerifyAsync(grant, "payment.send", Json("null")));
        await RefusedAsync("payment.refund", () => verifier.VerifyAsync(other, "payment.send", Json(Arguments)));
        foreach (var (what, forged) in await ForgedAsync(console, grant, other))
        {
            try
            {
                await verifier.VerifyAsync(forged, "payment.send", Json(Arguments));
                Assert.Fail($"Let pass: {what}");
            }
            catch (GrantRefusedException)
            {
                // As it should be.
            }
        }
    }

    [Theory, Databases]
    public async Task A_verifier_takes_grants_of_both_keys_through_a_rotation_and_of_a_distrusted_one_no_more(DatabaseProvider provider)
    {
        await using var console = await ConsoleProcess.StartAsync(new ConsoleSettings { Provider = provider });
        await PublishAsync(console, "/api/v1/fleet/policy", """{"autonomy":"autonomous"}""");
        using var verifier = new GrantVerifier(new GrantVerifierOptions { Endpoint = console.Address, KeepKeys = TimeSpan.Zero });
        var old = await GrantAsync(console, "a-1", "payment.send");

        await PostAsync(console, "/api/v1/grants/keys/rotate", """{"reason":"quarter"}""");
        await verifier.VerifyAsync(old, "payment.send", Json(Arguments));

        await PostAsync(console, "/api/v1/grants/keys/rotate", """{"distrust_others":true}""");
        await verifier.VerifyAsync(await GrantAsync(console, "a-2", "payment.send"), "payment.send", Json(Arguments));
        await RefusedAsync("key", () => verifier.VerifyAsync(old, "payment.send", Json(Arguments)));
    }

    /// <summary>What somebody makes who has two grants and the published keys.</summary>
    private static async Task<Dictionary<string, string>> ForgedAsync(ConsoleProcess console, string grant, string other)
    {
        using var http = new HttpClient { BaseAddress = console.Address };
        var listed = JsonNode.Parse(await http.GetStringAsync("/.well-known/jwks.json"))!["keys"]![0]!;
        var (parts, kid) = (grant.Split('.'), (string)listed["kid"]!);
        using var published = ECDsa.Create(new ECParameters
        {
            Curve = ECCurve.NamedCurves.nistP256,
            Q = new ECPoint { X = Base64Url.DecodeFromChars((string)listed["x"]!), Y = Base64Url.DecodeFromChars((string)listed["y"]!) },
        });
        using var ours = ECDsa.Create(ECCurve.NamedCurves.nistP256);

        string Head(string alg) => Encode(new JsonObject { ["alg"] = alg, ["kid"] = kid, ["typ"] = "handrail-grant+jwt" }.ToJsonString());
        string Hmac(byte[] secret) => $"{Head("HS256")}.{parts[1]}.{Base64Url.EncodeToString(HMACSHA256.HashData(secret, Encoding.ASCII.GetBytes($"{Head("HS256")}.{parts[1]}")))}";
        string Changed(string from, string to)
        {
            var payload = Encoding.UTF8.GetString(Base64Url.DecodeFromChars(parts[1]));
            Assert.Contains(from, payload, StringComparison.Ordinal);
            return $"{parts[0]}.{Encode(payload.Replace(from, to, StringComparison.Ordinal))}.{parts[2]}";
        }

        return new Dictionary<string, string>
        {
            ["another amount"] = Changed("\"amount\":20", "\"amount\":2000"),
            ["another user"] = Changed("u-42", "u-43"),
            ["another action"] = Changed("\"a-1\"", "\"a-9\""),
            ["a longer life"] = Changed("\"exp\":1", "\"exp\":9"),
            ["the payload of another grant"] = $"{parts[0]}.{other.Split('.')[1]}.{parts[2]}",
            ["no algorithm"] = $"{Head("none")}.{parts[1]}.",
            ["no algorithm, and the signature left"] = $"{Head("none")}.{parts[1]}.{parts[2]}",
            ["no algorithm in other letters"] = $"{Head("nOnE")}.{parts[1]}.",
            ["HS256 with the key as it is listed"] = Hmac(Encoding.UTF8.GetBytes(listed.ToJsonString())),
            ["HS256 with the key as PEM"] = Hmac(Encoding.ASCII.GetBytes(published.ExportSubjectPublicKeyInfoPem())),
            ["HS256 with the key as DER"] = Hmac(published.ExportSubjectPublicKeyInfo()),
            ["HS256 with nothing"] = Hmac([]),
            ["another key under the same id"] = $"{parts[0]}.{parts[1]}.{Base64Url.EncodeToString(ours.SignData(Encoding.ASCII.GetBytes($"{parts[0]}.{parts[1]}"), HashAlgorithmName.SHA256))}",
        };
    }

    private static async Task RefusedAsync(string why, Func<Task> verify) =>
        Assert.Contains(why, (await Assert.ThrowsAsync<GrantRefusedException>(verify)).Message, StringComparison.Ordinal);

    private static async Task<string> GrantAsync(ConsoleProcess console, string id, string type)
    {
        using var http = new HttpClient { BaseAddress = console.Address };
        http.DefaultRequestHeaders.Add("x-api-key", ConsoleProcess.AgentKey);
        var body = $$"""{"action_id":"{{id}}","agent":"payer","user":"u-42","type":"{{type}}","amount":20,"currency":"USD","risk":"reversible","arguments":{{Arguments}}}""";
        using var content = new StringContent(body, Encoding.UTF8, "application/json");
        using var answer = await http.PostAsync(new Uri("/api/v1/sessions/s-1/actions", UriKind.Relative), content);
        return (await answer.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("grant").GetString()!;
    }

    private static async Task PublishAsync(ConsoleProcess console, string path, string policy)
    {
        using var request = new HttpRequestMessage(HttpMethod.Put, path) { Content = new StringContent(policy, Encoding.UTF8, "application/json") };
        request.Headers.TryAddWithoutValidation("If-Match", "*");
        (await console.AsAdministrator().SendAsync(request)).EnsureSuccessStatusCode();
    }

    private static async Task PostAsync(ConsoleProcess console, string path, string body)
    {
        using var content = new StringContent(body, Encoding.UTF8, "application/json");
        (await console.AsAdministrator().PostAsync(path, content)).EnsureSuccessStatusCode();
    }

    private static string Encode(string text) => Base64Url.EncodeToString(Encoding.UTF8.GetBytes(text));

    private static JsonElement Json(string text) => JsonElement.Parse(text);
}

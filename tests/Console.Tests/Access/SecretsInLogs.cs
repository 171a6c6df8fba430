using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using Grpc.Core;
using Grpc.Net.Client;
using Handrail.Host;
using Handrail.ReadBack;
using Handrail.Testing;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.Data.Sqlite;

namespace Handrail.Access;

/// <summary>
/// A whole run of the console that users start, at the most talkative level of every log that may be switched on (README, Settings): none of the secrets that came by,
/// went out or were made up stands in what it printed or left in its data folder.
/// </summary>
public sealed class SecretsInLogs
{
    private const string WrongPassword = "wrong-password-that-somebody-typed";

    private static readonly string[] Talkative = ["Default", "Microsoft.AspNetCore", "Microsoft.EntityFrameworkCore", "Hangfire", "System.Net.Http", "Grpc"];

    private readonly Dictionary<string, string> _secrets = new()
    {
        ["the first agent key"] = ConsoleProcess.AgentKey,
        ["the administrator's token"] = ConsoleProcess.AdminToken,
        ["the administrator's password"] = ConsoleProcess.AdminPassword,
        ["a wrong password"] = WrongPassword,
        ["a guessed key"] = "hra_guessed-guessed-guessed-guessed",
        ["the address of a webhook"] = "hook-path-9f2d7c4b",
        ["the address of a Slack channel"] = "slack-path-1e8b0a6f",
        ["a key of PagerDuty"] = "d0f3c1a2b4e5968778695a4b3c2d1e0f",
        ["the password of a mail server"] = "mail-server-password-5c3e",
    };

    [Fact]
    public async Task No_secret_stands_in_any_log_of_a_whole_run()
    {
        await using var provider = await OpenIdProvider.StartAsync();
        await using var console = await ConsoleProcess.StartAsync(new ConsoleSettings
        {
            Settings = Talkative.ToDictionary(c => $"Logging:LogLevel:{c}", _ => "Trace").Concat(
            [
                new("Notify:AllowedNetworks", "127.0.0.0/8"), new("OpenIdConnect:Authority", provider.Authority.ToString()), new("OpenIdConnect:ClientId", OpenIdProvider.ClientId),
                new("OpenIdConnect:ClientSecret", OpenIdProvider.ClientSecret), new("OpenIdConnect:RoleClaim", "groups"),
            ]).ToDictionary(),
        });

        await SignInAsync(console);
        await SignInByProviderAsync(console, provider);
        await KeysAsync(console);
        await NotificationsAsync(console);
        await GrantsAsync(console);
        await FailuresAsync(console);
        await console.InterruptAsync();

        var log = console.Log;
        Assert.Contains("trce: Microsoft.AspNetCore", log);
        Assert.Contains("dbug: Microsoft.EntityFrameworkCore", log);
        Assert.Contains("no such table", log);
        var files = Directory.EnumerateFiles(console.DataFolder, "*", SearchOption.AllDirectories)
            .Where(f => !Path.GetFileName(f).StartsWith("handrail.db", StringComparison.Ordinal)).Select(File.ReadAllText);
        var told = log + string.Concat(files);
        Assert.True(_secrets.Count > 15, $"only {_secrets.Count} secrets came by");
        Assert.Empty(_secrets.Where(s => told.Contains(s.Value, StringComparison.Ordinal)).Select(s => s.Key));
    }

    private async Task SignInAsync(ConsoleProcess console)
    {
        using var browser = new HttpClient(new HttpClientHandler { AllowAutoRedirect = false }) { BaseAddress = console.Address };
        using var wrong = await browser.SignInAsync(ConsoleProcess.AdminEmail, WrongPassword);
        using var unknown = await browser.SignInAsync("nobody@example.com", WrongPassword);
        using var right = await browser.SignInAsync(ConsoleProcess.AdminEmail, ConsoleProcess.AdminPassword, "/inbox");
        Assert.Equal(HttpStatusCode.Redirect, right.StatusCode);
        _secrets["a sign-in's cookie"] = right.SignInCookie()["handrail=".Length..];
        using var page = await browser.GetAsync("/inbox");
        Assert.Equal(HttpStatusCode.OK, page.StatusCode);
        using var circuit = await browser.PostAsync("/_blazor/negotiate?negotiateVersion=1", null);
        _secrets["a circuit's token"] = (await circuit.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("connectionToken").GetString()!;
        using var changed = await browser.SubmitAsync("/account", "password", ("Input.Old", WrongPassword), ("Input.New", _secrets["a new password"] = "new-password-that-was-chosen"), ("Input.Again", "new-password-that-was-chosen"));
        Assert.NotEmpty(await changed.AlertAsync());
        var authenticator = await Authenticator.SetUpAsync(browser, ConsoleProcess.AdminPassword, TimeProvider.System);
        (_secrets["an authenticator's secret"], _secrets["a recovery code"]) = (authenticator.Secret, authenticator.Recovery[0]);
    }

    private async Task SignInByProviderAsync(ConsoleProcess console, OpenIdProvider provider)
    {
        await provider.KnowAsync(console.Address);
        provider.Account = provider.Account with { Groups = ["Viewer"] };
        using var browser = new HttpClient(new HttpClientHandler { AllowAutoRedirect = false }) { BaseAddress = console.Address };
        var answer = await browser.AnswerOfProviderAsync("/inbox");
        var query = QueryHelpers.ParseQuery(new Uri(answer).Query);
        (_secrets["a provider's code"], _secrets["a provider's state"], _secrets["the secret of the provider"]) = (query["code"].ToString(), query["state"].ToString(), OpenIdProvider.ClientSecret);
        using var back = await browser.GetAsync(answer);
        Assert.Equal("/inbox", back.Headers.Location?.OriginalString);
        _secrets["the cookie of a sign-in by the provider"] = back.SignInCookie()["handrail=".Length..];
        using var again = await browser.GetAsync(answer);
        Assert.Equal(HttpStatusCode.Redirect, again.StatusCode);
    }

    private async Task KeysAsync(ConsoleProcess console)
    {
        var admin = console.AsAdministrator();
        _secrets["a new person's password"] = "password-of-a-new-person";
        (await admin.PostAsync("/api/v1/users", new { email = "ann@example.com", roles = new[] { "Reviewer" }, password = "password-of-a-new-person" })).Expect(200);
        var token = _secrets["a new token"] = (await admin.PostAsync("/api/v1/users/ann@example.com/tokens", new { name = "script" })).Expect(200).Text("token");
        var key = _secrets["a new key"] = (await admin.PostAsync("/api/v1/keys", new { name = "desk" })).Expect(200).Text("key");
        var basic = Convert.ToBase64String(Encoding.UTF8.GetBytes($"user:{key}"));
        _secrets["a new key as Basic has it"] = basic;

        foreach (var (header, value, status) in new[]
        {
            ("Authorization", $"Bearer {key}", 200), ("Authorization", $"Basic {basic}", 200), ("x-api-key", key, 200), ("x-api-key", token, 403), ("Authorization", $"Bearer {token}", 403),
            ("x-api-key", _secrets["a guessed key"], 401), ("Authorization", $"Nonsense {key}", 401),
        })
        {
            var client = console.AsStranger();
            client.DefaultRequestHeaders.TryAddWithoutValidation(header, value);
            (await client.ReadAsync("/api/v1/agents/desk/policy")).Expect(status, status == 403 ? 200 : status);
            (await client.PostAsync("/v1/traces", OtlpJson.ModelCalls("s-1", "desk"))).Expect(status);
        }

        using var channel = GrpcChannel.ForAddress(console.OtlpGrpc);
        var bytes = Marshallers.Create<byte[]>(b => b, b => b);
        var export = new Method<byte[], byte[]>(MethodType.Unary, "opentelemetry.proto.collector.trace.v1.TraceService", "Export", bytes, bytes);
        await channel.CreateCallInvoker().AsyncUnaryCall(export, null, new CallOptions(new Metadata { { "x-api-key", key } }), []);
        await using (var hub = await HubListener.ConnectAsync(console.Address, key, inQuery: true))
        {
            await hub.SubscribeAsync("desk");
            await hub.NextAsync("PolicyChanged");
        }

        var id = (await admin.ReadAsync("/api/v1/keys")).Expect(200)["items"].EnumerateArray().Single(k => k.GetProperty("name").GetString() == "desk").GetProperty("id").GetString();
        (await admin.SendAsync(HttpMethod.Delete, $"/api/v1/keys/{id}", null)).Expect(204);
    }

    private async Task NotificationsAsync(ConsoleProcess console)
    {
        var admin = console.AsAdministrator();
        using var receiver = new HttpReceiver();
        using var refusing = HttpReceiver.Answering(500);
        var nobody = new Uri($"http://127.0.0.1:{FreePort.Find()}/");
        foreach (var (kind, at, path) in new[]
        {
            ("webhook", receiver.Address, "the address of a webhook"), ("webhook", refusing.Address, "the address of a webhook"), ("webhook", nobody, "the address of a webhook"),
            ("slack", receiver.Address, "the address of a Slack channel"), ("slack", nobody, "the address of a Slack channel"),
        })
        {
            var address = new Uri(at, _secrets[path]).ToString();
            var made = (await admin.PostAsync(
                "/api/v1/notifications/channels", kind == "slack" ? new { name = $"{kind} {at.Port}", kind, secret = address } : new { name = $"{kind} {at.Port}", kind, url = address })).Expect(200);
            if (made.Body.TryGetProperty("secret", out var secret) && secret.GetString() is { Length: > 0 } signing)
            {
                _secrets[$"the signing secret of {at}"] = signing;
                _secrets[$"the signing secret of {at} without its prefix"] = signing["whsec_".Length..];
            }

            await TestAsync(admin, made["channel"].GetProperty("id").GetString()!);
        }

        var pager = (await admin.PostAsync("/api/v1/notifications/channels", new { name = "pager", kind = "pager_duty", url = nobody, secret = _secrets["a key of PagerDuty"] })).Expect(200);
        await TestAsync(admin, pager["channel"].GetProperty("id").GetString()!);
        var mail = (await admin.PostAsync("/api/v1/notifications/channels", new
        {
            name = "mail", kind = "email", host = "127.0.0.1", port = nobody.Port, security = "start_tls", user_name = "console", secret = _secrets["the password of a mail server"],
            from = "console@example.com", to = new[] { "ann@example.com" },
        })).Expect(200);
        await TestAsync(admin, mail["channel"].GetProperty("id").GetString()!);
        Assert.Contains(receiver.All, r => r.Path.Contains(_secrets["the address of a webhook"], StringComparison.Ordinal));
    }

    /// <summary>Sends a test and waits until it has been tried.</summary>
    private static async Task TestAsync(HttpClient admin, string channel)
    {
        var delivery = (await admin.PostAsync($"/api/v1/notifications/channels/{channel}/test", new { })).Expect(202).Text("delivery_id");
        await Eventually.HoldsAsync("the test is tried", async () =>
            (await admin.ReadAsync($"/api/v1/notifications/deliveries/{delivery}")).Expect(200) is var d && (d.Text("status") != "pending" || d["attempts"].GetInt32() > 0));
    }

    private async Task GrantsAsync(ConsoleProcess console)
    {
        var (admin, agent) = (console.AsAdministrator(), console.AsAgent());
        (await admin.SendAsync(HttpMethod.Put, "/api/v1/fleet/policy", new { autonomy = "autonomous" }, ifMatch: "*")).Expect(200);
        var asked = (await agent.PostAsync("/api/v1/sessions/s-1/actions", new { action_id = "a-1", agent = "desk", type = "note.write" })).Expect(200);
        var grant = _secrets["a grant"] = asked.Text("grant");
        _secrets["a grant's signature"] = grant[(grant.LastIndexOf('.') + 1)..];
        (await agent.PostAsync("/api/v1/grants/redeem", new { grant })).Expect(200);
        (await agent.PostAsync("/api/v1/grants/redeem", new { grant })).Expect(409);
        (await agent.PostAsync("/api/v1/grants/redeem", new { grant = grant + "x" })).Expect(400, 401, 403, 409, 422);
    }

    /// <summary>Requests that fail while they hold secrets: cut off, broken, and refused by the database.</summary>
    private async Task FailuresAsync(ConsoleProcess console)
    {
        var admin = console.AsAdministrator();
        using var broken = new StringContent($$"""{"email":"eve@example.com","password":"{{WrongPassword}}" """, MediaTypeHeaderValue.Parse("application/json"));
        Assert.Equal(400, (int)(await admin.PostAsync("/api/v1/users", broken)).StatusCode);
        (await admin.PostAsync("/api/v1/users", new { email = "eve@example.com", password = WrongPassword, roles = new[] { "King" } })).Expect(400);
        await SqlAsync(console, "ALTER TABLE agent_keys RENAME TO agent_keys_away");
        (await console.AsAgent().ReadAsync("/api/v1/agents/desk/policy")).Expect(500, 503);
        (await admin.PostAsync("/api/v1/keys", new { name = "late" })).Expect(500, 503);
        await SqlAsync(console, "ALTER TABLE agent_keys_away RENAME TO agent_keys");
        await SqlAsync(console, "ALTER TABLE channels RENAME TO channels_away");
        (await admin.PostAsync("/api/v1/notifications/channels", new { name = "late", kind = "slack", secret = $"https://hooks.example.com/{_secrets["the address of a Slack channel"]}" })).Expect(500, 503);
        await SqlAsync(console, "ALTER TABLE channels_away RENAME TO channels");
    }

    private static async Task SqlAsync(ConsoleProcess console, string sql)
    {
        await using var file = new SqliteConnection($"Data Source={Path.Combine(console.DataFolder, "handrail.db")};Pooling=False;Default Timeout=60");
        await file.OpenAsync();
        await using var command = new SqliteCommand(sql, file);
        await command.ExecuteNonQueryAsync();
    }
}

using System.Net;
using System.Text.Json;
using Handrail.Host;
using Handrail.Store;
using Handrail.Testing;

namespace Handrail.Ingest;

/// <summary>What every real client sent comes through the doors as a person reads it, in whatever order and however often it comes.</summary>
public sealed class CapturesInTests
{
    public static IEnumerable<TheoryDataRow<DatabaseProvider, string>> Clients =>
        from client in Captured.Clients
        from provider in new[] { DatabaseProvider.Sqlite, DatabaseProvider.Postgres }
        select new TheoryDataRow<DatabaseProvider, string>(provider, client) { Skip = provider == DatabaseProvider.Postgres ? PrivatePostgres.Missing : null };

    [Theory, MemberData(nameof(Clients))]
    public async Task As_it_was_sent_and_then_again_from_its_end(DatabaseProvider provider, string client)
    {
        await using var host = await ConsoleHost.StartAsync(provider);
        foreach (var request in Captured.From(client).Concat(Captured.From(client).Reverse()))
        {
            await SendAsync(host, request);
        }

        await AssertReadAsync(host, client);
    }

    [Theory, MemberData(nameof(Clients))]
    public async Task Each_record_in_a_request_of_its_own_from_the_last_to_the_first_and_then_as_it_was_sent(DatabaseProvider provider, string client)
    {
        await using var host = await ConsoleHost.StartAsync(provider);
        foreach (var request in Captured.From(client).SelectMany(Scattered.EachAlone).Reverse().Concat(Captured.From(client)))
        {
            await SendAsync(host, request);
        }

        await AssertReadAsync(host, client);
    }

    private static async Task SendAsync(ConsoleHost host, Captured request)
    {
        using var answer = await host.Agent.PostAsync(request.Path, request.Content());
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        Assert.Equal(request.ContentType.Split(';')[0], answer.Content.Headers.ContentType?.MediaType);
    }

    private static async Task AssertReadAsync(ConsoleHost host, string client)
    {
        var expected = Captured.ReadByAPerson(client);
        var sessions = (await host.Admin.ReadAsync("/api/v1/sessions")).Expect(200)["items"].EnumerateArray().ToList();

        Assert.Equal(Texts(expected, "session_ids"), sessions.Select(s => s.GetProperty("session_id").GetString()).Order());
        Assert.Equal(Number(expected, "turns"), Sum(sessions, "turns"));
        Assert.Equal(Number(expected, "llm_ok") + Number(expected, "llm_error"), Sum(sessions, "llm_calls"));
        Assert.Equal(Number(expected, "tool_ok") + Number(expected, "tool_error"), Sum(sessions, "tool_calls"));
        Assert.True(Sum(sessions, "errors") >= Number(expected, "llm_error") + Number(expected, "tool_error"));
        Assert.Equal(Number(expected, "input_tokens"), Sum(sessions, "input_tokens"));
        Assert.Equal(Number(expected, "output_tokens"), Sum(sessions, "output_tokens"));
        Assert.Equal(Number(expected, "cache_read_tokens"), Sum(sessions, "cached_tokens"));
        Assert.Equal(expected.GetProperty(expected.TryGetProperty("cost_usd", out _) ? "cost_usd" : "computed_cost_usd").GetDecimal(), sessions.Sum(s => s.GetProperty("cost_usd").GetDecimal()));
        Assert.All(sessions, s => Assert.Equal(expected.GetProperty("end_user").GetString(), s.GetProperty("user").GetString()));
    }

    private static string?[] Texts(JsonElement of, string member) => [.. of.GetProperty(member).EnumerateArray().Select(e => e.GetString()).Order(StringComparer.Ordinal)];

    /// <summary>Nothing known adds nothing to a total.</summary>
    private static long Number(JsonElement of, string member) => of.GetProperty(member) is { ValueKind: JsonValueKind.Number } number ? number.GetInt64() : 0;

    private static long Sum(IEnumerable<JsonElement> items, string member) => items.Sum(i => i.GetProperty(member).GetInt64());
}

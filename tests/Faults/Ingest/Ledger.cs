using System.Collections.Concurrent;
using System.Globalization;
using System.Text.Json;
using Handrail.Store;
using Microsoft.EntityFrameworkCore;

namespace Handrail.Faults.Ingest;

/// <summary>What one session came to by its sender's own count.</summary>
internal sealed record Account(long Spans, long InputTokens, long OutputTokens)
{
    /// <summary>gpt-4o-mini by OpenAI's list of July 2024: 0.15 USD for a million tokens in, 0.60 USD for a million out.</summary>
    public decimal Cost => ((0.15m * InputTokens) + (0.60m * OutputTokens)) / 1_000_000m;

    public static Account operator +(Account a, Account b) => new(a.Spans + b.Spans, a.InputTokens + b.InputTokens, a.OutputTokens + b.OutputTokens);
}

/// <summary>What a sender has had acknowledged, kept beside the console.</summary>
internal sealed class Ledger
{
    private readonly ConcurrentDictionary<string, Account> _sessions = new(StringComparer.Ordinal);

    public int Sessions => _sessions.Count;

    public Account Total => _sessions.Values.Aggregate(new Account(0, 0, 0), (a, b) => a + b);

    public void Enter(SpanBatch batch)
    {
        foreach (var (session, more) in batch.Accounts)
        {
            _sessions.AddOrUpdate(session, more, (_, known) => known + more);
        }
    }

    /// <summary>Each session comes to what it comes to here, to the last digit, as people read it and as it is stored; nothing is there that is not here.</summary>
    public async Task ExpectAsync(ConsoleProcess console)
    {
        await ExpectAtLeastAsync(console);
        await ExpectSpansAsync(console);
        await using var db = Suite.Open(console.Store);
        Assert.Equal(_sessions.Count, await db.Sessions.CountAsync());
        Assert.Equal((long)(Total.Cost * 1_000_000_000m), await db.HourlyCosts.SumAsync(h => h.CostNanos));
    }

    /// <summary>Each session comes to what it comes to here, to the last digit, as people read it.</summary>
    public async Task ExpectAtLeastAsync(ConsoleProcess console)
    {
        using var reader = console.AsAdministrator();
        foreach (var (session, account) in _sessions)
        {
            var read = (await reader.ReadAsync($"/api/v1/sessions/{session}")).Expect(200);
            var found = new Account(read["steps"].GetInt64(), read["input_tokens"].GetInt64(), read["output_tokens"].GetInt64());
            Assert.True(account == found && read["cost_usd"].GetDecimal() == account.Cost, string.Create(
                CultureInfo.InvariantCulture, $"{session} has {found} for {read["cost_usd"]} USD; its sender counted {account} for {account.Cost} USD."));
        }
    }

    /// <summary>As many spans are stored as were acknowledged.</summary>
    public async Task ExpectSpansAsync(ConsoleProcess console)
    {
        await using var db = Suite.Open(console.Store);
        Assert.Equal(Total.Spans, await db.Steps.LongCountAsync());
    }
}

/// <summary>One request of spans, and what it adds to which session.</summary>
internal sealed record SpanBatch(byte[] Body, IReadOnlyDictionary<string, Account> Accounts)
{
    public int Spans => (int)Accounts.Values.Sum(a => a.Spans);
}

/// <summary>Makes requests of 1 to 512 model calls, scattered over sessions and traces: the same ones from the same seed.</summary>
internal sealed class SpanBatches(int seed)
{
    private const int Sessions = 60;
    private const int Largest = 512;

    private readonly Random _random = new(seed);
    private long _spans;

    public SpanBatch Next()
    {
        // As many small ones as large ones: 1, 2, 4 ... 512.
        var spans = Math.Clamp((int)Math.Pow(Largest, _random.NextDouble()), 1, Largest);
        var end = TimeProvider.System.GetUtcNow();
        var accounts = new Dictionary<string, Account>(StringComparer.Ordinal);
        using var body = new MemoryStream();
        using (var json = new Utf8JsonWriter(body))
        {
            json.WriteStartObject();
            json.WriteStartArray("resourceSpans");
            json.WriteStartObject();
            json.WriteStartArray("scopeSpans");
            json.WriteStartObject();
            json.WriteStartArray("spans");
            for (var i = 0; i < spans; i++)
            {
                // Each session has a few traces, to which any request may add: totals move with what others brought.
                var (session, trace) = (_random.Next(Sessions), _random.Next(4));
                var account = new Account(1, _random.Next(1, 4000), _random.Next(1, 900));
                var name = $"s-{seed:x}-{session}";
                accounts[name] = accounts.TryGetValue(name, out var known) ? known + account : account;
                WriteCall(json, $"{seed:x8}{session:x12}{trace + 1:x12}", ++_spans, name, account, end);
            }

            for (var open = 0; open < 3; open++)
            {
                json.WriteEndArray();
                json.WriteEndObject();
            }
        }

        return new SpanBatch(body.ToArray(), accounts);
    }

    private void WriteCall(Utf8JsonWriter json, string trace, long number, string session, Account account, DateTimeOffset end)
    {
        json.WriteStartObject();
        json.WriteString("traceId", trace);
        json.WriteString("spanId", $"{seed & 0xffff:x4}{number:x12}");
        json.WriteString("name", "chat gpt-4o-mini");
        json.WriteNumber("kind", 3);
        json.WriteString("startTimeUnixNano", $"{end.AddSeconds(-1).ToUnixTimeMilliseconds()}000000");
        json.WriteString("endTimeUnixNano", $"{end.ToUnixTimeMilliseconds()}000000");
        json.WriteStartArray("attributes");
        Text(json, "gen_ai.operation.name", "chat");
        Text(json, "gen_ai.provider.name", "openai");
        Text(json, "gen_ai.request.model", "gpt-4o-mini");
        Text(json, "gen_ai.agent.name", "desk");
        Text(json, "gen_ai.conversation.id", session);
        Whole(json, "gen_ai.usage.input_tokens", account.InputTokens);
        Whole(json, "gen_ai.usage.output_tokens", account.OutputTokens);
        json.WriteEndArray();
        json.WriteEndObject();
    }

    private static void Text(Utf8JsonWriter json, string key, string value) => Attribute(json, key, "stringValue", value);

    private static void Whole(Utf8JsonWriter json, string key, long value) => Attribute(json, key, "intValue", value.ToString(CultureInfo.InvariantCulture));

    private static void Attribute(Utf8JsonWriter json, string key, string kind, string value)
    {
        json.WriteStartObject();
        json.WriteString("key", key);
        json.WriteStartObject("value");
        json.WriteString(kind, value);
        json.WriteEndObject();
        json.WriteEndObject();
    }
}

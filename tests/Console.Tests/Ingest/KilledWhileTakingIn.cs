using System.Collections.Concurrent;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using Handrail.Store;
using Handrail.Testing;

namespace Handrail.Ingest;

public sealed class KilledWhileTakingIn
{
    private const int Senders = 8;
    private const int SpansInBatch = 20;
    private const int AcknowledgedBeforeTheKill = 60;

    [Theory, Databases]
    public async Task What_was_acknowledged_survives_a_kill_and_what_is_sent_again_counts_once(DatabaseProvider provider)
    {
        await using var console = await ConsoleProcess.StartAsync(new ConsoleSettings { Provider = provider });
        var sent = new ConcurrentDictionary<string, string>();
        var acknowledged = new ConcurrentBag<string>();
        var senders = Enumerable.Range(0, Senders).Select(s => SendUntilCutOffAsync(console.AsAgent(), s, sent, acknowledged)).ToArray();

        await Eventually.HoldsAsync("the console acknowledges batches", () => acknowledged.Count >= AcknowledgedBeforeTheKill);
        await console.KillAsync();
        await Task.WhenAll(senders);
        await console.StartAgainAsync();

        var reader = console.AsAdministrator();
        foreach (var session in acknowledged)
        {
            Assert.Equal(SpansInBatch, await StepsAsync(reader, session));
        }

        // A sender that was cut off cannot know: it sends again.
        foreach (var (session, body) in sent)
        {
            Assert.True(await SendAsync(console.AsAgent(), body));
            Assert.Equal(SpansInBatch, await StepsAsync(reader, session));
        }
    }

    /// <summary>Sends one batch after the other, a session each, until the connection breaks.</summary>
    private static async Task SendUntilCutOffAsync(HttpClient client, int sender, ConcurrentDictionary<string, string> sent, ConcurrentBag<string> acknowledged)
    {
        for (var batch = 0; ; batch++)
        {
            var session = $"s-{sender}-{batch}";
            sent[session] = JsonSerializer.Serialize(OtlpJson.ModelCalls(session, "desk", SpansInBatch));
            try
            {
                if (await SendAsync(client, sent[session]))
                {
                    acknowledged.Add(session);
                }
            }
            catch (HttpRequestException)
            {
                return;
            }
        }
    }

    /// <returns>True when the whole batch was acknowledged.</returns>
    private static async Task<bool> SendAsync(HttpClient client, string body)
    {
        using var content = new StringContent(body, Encoding.UTF8, "application/json");
        using var answer = await client.PostAsync("v1/traces", content);
        return answer.IsSuccessStatusCode && !(await answer.Content.ReadAsStringAsync()).Contains("rejectedSpans", StringComparison.Ordinal);
    }

    private static async Task<int> StepsAsync(HttpClient client, string session) =>
        (await client.GetFromJsonAsync<JsonElement>($"api/v1/sessions/{session}")).GetProperty("steps").GetInt32();
}

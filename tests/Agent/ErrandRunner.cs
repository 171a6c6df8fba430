using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Handrail.Client;

namespace Handrail.TestAgent;

/// <summary>
/// Runs errands as an agent does that may be killed at any moment: under ids that it keeps, doing nothing that it has not claimed or that its grant was not
/// redeemed for, and finding out after a start what had become of it.
/// </summary>
internal sealed class ErrandRunner(AgentOrders orders, Halts halts) : IDisposable
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(200);

    private readonly Lock _ledger = new();
    private readonly HttpClient _payments = new() { BaseAddress = orders.Payments };

    /// <summary>Runs them side by side and returns when all have ended.</summary>
    public async Task RunAsync()
    {
        using var way = new HaltingHandler(halts, orders.Errands.ToDictionary(e => e.Session));
        await using var client = new HandrailClient(new HandrailClientOptions
        {
            Endpoint = orders.Endpoint,
            ApiKey = orders.Key,
            Agent = orders.Agent,
            MessageHandler = way,
            TimeProvider = new ClockOff(TimeSpan.FromSeconds(orders.ClockOffSeconds)),
            OfflineAfter = TimeSpan.FromSeconds(orders.OfflineAfterSeconds),
        });
        await client.GetPolicyAsync();
        await Task.WhenAll(orders.Errands.Select(async errand => halts.Say("ended", errand, await RunAsync(client, errand))));
    }

    public void Dispose() => _payments.Dispose();

    private async Task<string> RunAsync(HandrailClient client, Errand errand)
    {
        await using var session = await client.OpenSessionAsync(errand.Session);
        if (errand.Offline)
        {
            await halts.AtAsync(errand with { HaltAt = HaltPoint.BeforeAsking }, HaltPoint.BeforeAsking);
        }

        while (true)
        {
            var decision = await session.RequestAsync(Action(errand));
            await halts.AtAsync(errand, HaltPoint.Decided);
            if (!errand.Hasty && await IsDoneAsync(errand))
            {
                await ReportAsync(session, errand);
                return "done before";
            }

            if (!decision.Proceed)
            {
                return $"refused as {decision.Status}";
            }

            var refused = errand.ByGrant ? await HandOverAsync(errand, decision) : await DoAsync(session, errand, decision);
            if (refused is null)
            {
                await halts.AtAsync(errand, HaltPoint.Done);
                await ReportAsync(session, errand);
                return "done";
            }

            if (refused != TryAgain)
            {
                return $"left alone: {refused}";
            }

            await Task.Delay(Pause);
        }
    }

    private const string TryAgain = "";

    /// <returns>Null when it is done; else why not.</returns>
    private async Task<string?> DoAsync(HandrailSession session, Errand errand, ActionDecision decision)
    {
        if (!errand.Hasty && await session.ClaimAsync(decision) is { } refused)
        {
            return refused;
        }

        await halts.AtAsync(errand, HaltPoint.Claimed);
        lock (_ledger)
        {
            using var ledger = new FileStream(orders.Ledger, FileMode.Append, FileAccess.Write, FileShare.ReadWrite);
            ledger.Write(System.Text.Encoding.UTF8.GetBytes(errand.Session + "\n"));
            ledger.Flush(flushToDisk: true);
        }

        return null;
    }

    /// <inheritdoc cref="DoAsync"/>
    private async Task<string?> HandOverAsync(Errand errand, ActionDecision decision)
    {
        if (decision.Grant is null)
        {
            return "There is no grant for it.";
        }

        try
        {
            using var answer = await _payments.PostAsJsonAsync("pay", new { grant = decision.Grant, type = "expense.approve", arguments = decision.Arguments });
            if (answer.IsSuccessStatusCode)
            {
                await halts.AtAsync(errand, HaltPoint.DoneAnswerUnread);
                return null;
            }

            return answer.StatusCode == HttpStatusCode.ServiceUnavailable ? TryAgain : await answer.Content.ReadAsStringAsync();
        }
        catch (HttpRequestException)
        {
            return TryAgain;
        }
    }

    private async Task<bool> IsDoneAsync(Errand errand)
    {
        if (!errand.ByGrant)
        {
            return File.Exists(orders.Ledger) && (await File.ReadAllLinesAsync(orders.Ledger)).Contains(errand.Session);
        }

        using var answer = await _payments.GetAsync(new Uri($"paid/{errand.Session}", UriKind.Relative));
        return answer.IsSuccessStatusCode;
    }

    private async Task ReportAsync(HandrailSession session, Errand errand)
    {
        await session.ReportResultAsync(errand.Action, succeeded: true);
        await halts.AtAsync(errand, HaltPoint.Reported);
    }

    private static AgentAction Action(Errand errand) => new()
    {
        ActionId = errand.Action,
        Type = "expense.approve",
        Amount = errand.Amount,
        Currency = "USD",
        Risk = ActionRisk.Irreversible,
        Arguments = new JsonObject { ["expense_id"] = errand.Action, ["approved_amount"] = errand.Amount },
    };

    /// <summary>A clock that is wrong by so much, and sets itself right by a third with every third reading.</summary>
    private sealed class ClockOff(TimeSpan off) : TimeProvider
    {
        private int _readings;

        public override DateTimeOffset GetUtcNow() => base.GetUtcNow() + (Interlocked.Increment(ref _readings) % 3 == 0 ? off * 2 / 3 : off);
    }
}

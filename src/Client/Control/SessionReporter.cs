using System.Text.Json.Nodes;
using Handrail.Client.Wire;
using Money = Handrail.Policy.Money;

namespace Handrail.Client.Control;

/// <summary>Tells the console what happened in one session, until it has taken it.</summary>
internal sealed class SessionReporter(HandrailClientOptions options, ConsoleConnection connection, Action<ConsoleAnswer> observe, string sessionId, string path)
{
    public Task OpenAsync(string? user, string? title, string? parentSessionId, JsonObject? metadata, CancellationToken cancellationToken) => TellAsync(
        ConsoleRequest.Put(
            path,
            new SessionRequest(options.Agent, options.AgentVersion, user, title, parentSessionId, metadata),
            WireJson.Default.SessionRequest,
            ConsoleConnection.CallTimeout),
        "The console did not open the session",
        cancellationToken);

    public Task ResultAsync(string actionId, bool succeeded, JsonNode? output, string? error, CancellationToken cancellationToken) => TellAsync(
        ConsoleRequest.Post(
            $"{path}/actions/{Uri.EscapeDataString(actionId)}/result",
            new ResultRequest(succeeded ? "succeeded" : "failed", output, error),
            WireJson.Default.ResultRequest,
            ConsoleConnection.CallTimeout),
        "The console did not take the result",
        cancellationToken);

    public async Task<CostReceipt> AddCostsAsync(IEnumerable<CostEvent> costs, CancellationToken cancellationToken)
    {
        var now = connection.Clock.GetUtcNow();
        var events = costs.Select(cost => CostRequest.From(cost, cost.Id ?? Ids.New("c", connection.Clock), sessionId, options.Agent, now)).ToList();
        var answer = await TellAsync(
            ConsoleRequest.Post("/api/v1/costs", new CostsRequest(events), WireJson.Default.CostsRequest, ConsoleConnection.CallTimeout),
            "The console did not take the costs",
            cancellationToken).ConfigureAwait(false);
        var counted = answer.Read(WireJson.Default.CostsAnswer) ?? throw answer.Refused("The console's receipt could not be read");
        return new CostReceipt(counted.Accepted, counted.Duplicates, counted.Rejected ?? []);
    }

    public Task AddMessagesAsync(IEnumerable<SessionMessage> messages, CancellationToken cancellationToken)
    {
        var said = messages.Select(message => new MessageRequest(
            message.Id ?? Ids.New("m", connection.Clock), Names.Of(message.Role), message.Text, message.At ?? connection.Clock.GetUtcNow())).ToList();
        return TellAsync(
            ConsoleRequest.Post(path + "/messages", new MessagesRequest(said), WireJson.Default.MessagesRequest, ConsoleConnection.CallTimeout),
            "The console did not take the messages",
            cancellationToken);
    }

    public Task EndAsync(SessionOutcome outcome, string? summary, Money? value, ProducedUnits? units, CancellationToken cancellationToken) => TellAsync(
        ConsoleRequest.Post(
            path + "/end",
            new EndRequest(Names.Of(outcome), summary, value, units),
            WireJson.Default.EndRequest,
            ConsoleConnection.CallTimeout),
        "The console did not take the end of the session",
        cancellationToken);

    private async Task<ConsoleAnswer> TellAsync(ConsoleRequest request, string failure, CancellationToken cancellationToken)
    {
        var answer = await connection.SendAsync(request, observe, cancellationToken).ConfigureAwait(false);
        return answer.Succeeded ? answer : throw answer.Refused(failure);
    }
}

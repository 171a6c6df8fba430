using System.Collections.Concurrent;
using System.Text.Json.Nodes;
using Handrail.Client.Control;
using Handrail.Client.Live;
using Handrail.Client.Offline;
using Handrail.Client.Wire;
using MaskInForce = Handrail.Policy.MaskInForce;
using Money = Handrail.Policy.Money;

namespace Handrail.Client;

/// <summary>
/// One conversation or run. It listens for the console's commands from the moment it is opened until it is disposed of. All members
/// may be used from several threads at once.
/// </summary>
public sealed class HandrailSession : IAsyncDisposable
{
    private readonly HandrailClientOptions _options;
    private readonly ConsoleConnection _connection;
    private readonly ControlState _state;
    private readonly ControlChannel _channel;
    private readonly OfflineAnswers _offline;
    private readonly PolicyChannel _policy;
    private readonly ConcurrentDictionary<string, string> _doneOffline = new(StringComparer.Ordinal);
    private readonly Asking _asking;
    private readonly Action<HandrailSession> _closed;
    private readonly CommandRelay _commands;
    private readonly CancellationTokenSource _closing = new();
    private readonly string _path;
    private readonly string? _user;
    private Task _listening = Task.CompletedTask;

    internal HandrailSession(
        HandrailClientOptions options,
        ConsoleConnection connection,
        HubLine line,
        OfflineAnswers offline,
        PolicyChannel policy,
        string id,
        string? user,
        Action<HandrailSession> closed)
    {
        _options = options;
        _connection = connection;
        _offline = offline;
        _policy = policy;
        _closed = closed;
        _user = user;
        _state = new ControlState(options.Logger);
        _path = $"/api/v1/sessions/{Uri.EscapeDataString(id)}";
        _commands = new CommandRelay(command => CommandReceived?.Invoke(this, command), options.Logger);
        _channel = new ControlChannel(connection, line, id, _path + "/control", _state, _commands.Add, options.Logger);
        _asking = new Asking(connection, line, id, _state, heard => Tighten(heard.Control));
        Id = id;
    }

    /// <summary>
    /// A command arrived and, where it is the client's to do so, has been obeyed. Raised for every kind, in order, one after the
    /// other; a handler that takes its time, or fails, does not keep the session from hearing the next.
    /// </summary>
    public event EventHandler<ControlCommand>? CommandReceived;

    /// <summary>The session's id: give it to telemetry as <c>gen_ai.conversation.id</c>.</summary>
    public string Id { get; }

    /// <summary>Fires when the session is stopped, and never un-fires: give it to everything that the agent starts.</summary>
    public CancellationToken Stopped => _state.Stopped;

    /// <summary>Nothing new is to be started: the session is paused, or a person has taken it over.</summary>
    public bool IsPaused => _state.IsPaused;

    /// <summary>A person has the session: they speak in the agent's place until they hand it back.</summary>
    public bool IsTakenOver => _state.IsTakenOver;

    /// <summary>Returns at once while the session runs; otherwise when it goes on.</summary>
    /// <param name="cancellationToken">Ends the waiting.</param>
    /// <exception cref="OperationCanceledException">The session was stopped, or the token was cancelled.</exception>
    public async Task WaitWhilePausedAsync(CancellationToken cancellationToken = default)
    {
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, Stopped);
        either.Token.ThrowIfCancellationRequested();
        await _state.WaitUntilRunningAsync(either.Token).ConfigureAwait(false);
    }

    /// <summary>
    /// Asks whether the agent may do this, and waits until the policy or a person has decided: through outages and restarts of the
    /// console, and through pauses. There is no time limit but the token's, and no outcome but the console's own word is a yes; unless the console is out of reach
    /// for longer than <see cref="HandrailClientOptions.OfflineAfter"/> before it was asked: then the policy's <c>offline</c> decides.
    /// </summary>
    /// <param name="action">What it wants to do.</param>
    /// <param name="cancellationToken">Gives up waiting. The question stands at the console; the same action id takes it up again.</param>
    /// <returns>The decision; after a stop, one that does not proceed.</returns>
    /// <exception cref="ActionConflictException">The action id was used for something else.</exception>
    /// <exception cref="HandrailException">The console refused the question itself: key, form or size.</exception>
    public async Task<ActionDecision> RequestAsync(AgentAction action, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(action);
        var id = action.ActionId ?? NewId("a");
        var path = $"{_path}/actions/{Uri.EscapeDataString(id)}";
        var ask = ConsoleRequest.Post($"{_path}/actions", ActionRequest.From(action, id, _user, _options), WireJson.Default.ActionRequest, _options.AskTimeout);
        ActionDecision? offline = null;
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, Stopped);
        try
        {
            var answer = await _asking.AskAsync(
                ask,
                _ => path,
                DecisionReading.IsPending,
                said => DecisionReading.Read(said, Id, id, action).Proceed,
                mayHaveArrived => (offline = _offline.Answer(action, id, Id, _user, _state, mayHaveArrived)) is not null,
                HubLine.Action(Id, id),
                either.Token).ConfigureAwait(false);
            if (answer is null)
            {
                return Offline(action, offline!);
            }

            if (answer.Status is 409)
            {
                throw new ActionConflictException(id, answer.Detail() ?? "The action id was used before, for something else");
            }

            if (!answer.Succeeded)
            {
                throw answer.Refused("The console did not decide");
            }

            var decision = DecisionReading.Read(answer, Id, id, action);
            if (decision is { Verdict: ActionVerdict.Stop } or { Status: ActionStatus.Stopped })
            {
                _state.Stop(decision.Reasons.Count > 0 ? decision.Reasons[0].Text : null);
            }

            // Checked last: a stop that was heard while the answer was on its way is stronger than the answer.
            return _state.IsStopped && decision.Proceed ? DecisionReading.Stopped(id, _state.StopReason) : decision;
        }
        catch (OperationCanceledException) when (_state.IsStopped)
        {
            return DecisionReading.Stopped(id, _state.StopReason);
        }
    }

    /// <summary>Says what came of an action that was let go.</summary>
    /// <param name="actionId">The decision's action id.</param>
    /// <param name="succeeded">Whether it was carried out.</param>
    /// <param name="output">What it gave back.</param>
    /// <param name="error">What went wrong.</param>
    /// <param name="cancellationToken">Gives up reporting.</param>
    /// <exception cref="HandrailException">The console refused the report.</exception>
    public Task ReportResultAsync(
        string actionId, bool succeeded, JsonNode? output = null, string? error = null, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(actionId);
        if (_doneOffline.TryGetValue(actionId, out var what))
        {
            // The console never decided on it; that it was done stands in the transcript, once.
            var text = $"{what} ({actionId}): {(succeeded ? "succeeded" : $"failed{(error is null ? "" : $", {error}")}")}";
            return AddMessagesAsync([new SessionMessage(MessageRole.Tool, text) { Id = $"offline-{actionId}" }], cancellationToken);
        }

        return TellAsync(
            ConsoleRequest.Post(
                $"{_path}/actions/{Uri.EscapeDataString(actionId)}/result",
                new ResultRequest(succeeded ? "succeeded" : "failed", output, error),
                WireJson.Default.ResultRequest,
                ConsoleConnection.CallTimeout),
            "The console did not take the result",
            cancellationToken);
    }

    /// <summary>
    /// Claims an action that was let go, right before it is carried out: the one moment from which it may be done, once. A stop, a take-over or a stricter policy since
    /// the decision has voided it. Not for an action whose grant another system redeems.
    /// </summary>
    /// <param name="decision">The decision that lets it go.</param>
    /// <param name="cancellationToken">Gives up. The claim may have succeeded by then: find out before anything is done.</param>
    /// <returns>Null when it may be carried out now; else why not, for good.</returns>
    /// <exception cref="HandrailException">The console refused the question itself.</exception>
    public async Task<string?> ClaimAsync(ActionDecision decision, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(decision);
        if (!decision.Proceed)
        {
            return "It was not let go";
        }

        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, Stopped);
        try
        {
            if (decision.DecidedOffline)
            {
                return _state.IsPaused || _state.IsStopped ? "The session is held" : null;
            }

            var request = ConsoleRequest.Post($"{_path}/actions/{Uri.EscapeDataString(decision.ActionId)}/claim", new JsonObject(), WireJson.Default.JsonObject, ConsoleConnection.CallTimeout);
            var answer = await _connection.SendAsync(request, heard => Tighten(heard.Control), either.Token).ConfigureAwait(false);
            if (answer.Status is 409)
            {
                return answer.Detail() ?? "The console no longer lets it go";
            }

            return !answer.Succeeded ? throw answer.Refused("The console did not take the claim")
                : _state.IsStopped ? _state.StopReason ?? "The session is stopped"
                : null;
        }
        catch (OperationCanceledException) when (_state.IsStopped)
        {
            return _state.StopReason ?? "The session is stopped";
        }
    }

    /// <summary>How the policy narrows a tool: which arguments the agent may set, and what is set for it. Null where it does not. Reads the policy where it is not known yet.</summary>
    /// <param name="tool">The tool.</param>
    /// <param name="cancellationToken">Gives up reading.</param>
    /// <exception cref="HandrailException">The console did not tell the policy, or this client can't read it.</exception>
    public async Task<MaskInForce?> GetToolMaskAsync(string tool, CancellationToken cancellationToken = default)
    {
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, Stopped);
        if (_policy.Held is null)
        {
            await _policy.ReadAsync(either.Token).ConfigureAwait(false);
        }

        return _policy.Held?.Layers.Value is { } layers ? MaskInForce.For(layers, tool) : throw new HandrailException("This client can't read the agent's policy");
    }

    /// <summary>The same by the policy as last read; null also before the first reading.</summary>
    /// <param name="tool">The tool.</param>
    public MaskInForce? ToolMask(string tool) => _policy.Held?.Layers.Value is { } layers ? MaskInForce.For(layers, tool) : null;

    /// <summary>Asks a person, and waits for the answer as <see cref="RequestAsync"/> waits for a decision.</summary>
    /// <param name="question">What is asked.</param>
    /// <param name="cancellationToken">Gives up waiting. The question stands at the console; the same handoff id takes it up again.</param>
    /// <returns>The answer; after a stop, one that was not answered.</returns>
    /// <exception cref="HandrailException">The console refused the question.</exception>
    public async Task<PersonAnswer> AskPersonAsync(PersonQuestion question, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(question);
        var id = question.HandoffId ?? NewId("h");
        var ask = ConsoleRequest.Post(
            $"{_path}/handoffs",
            HandoffRequest.From(question, id, _options.Agent),
            WireJson.Default.HandoffRequest,
            _options.AskTimeout);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, Stopped);
        try
        {
            var answer = await _asking.AskAsync(
                ask,
                said => $"/api/v1/handoffs/{Uri.EscapeDataString(said.Read(WireJson.Default.HandoffAnswer)?.HandoffId ?? id)}",
                said => said.Read(WireJson.Default.HandoffAnswer) is { Status: "open" },
                _ => false,
                _ => false,
                HubLine.Handoff(id),
                either.Token).ConfigureAwait(false);
            if (!answer!.Succeeded)
            {
                throw answer.Refused("The console did not take the question");
            }

            var said = answer.Read(WireJson.Default.HandoffAnswer);
            var status = Names.Handoff(said?.Status);
            return new PersonAnswer
            {
                HandoffId = said?.HandoffId ?? id,
                Status = status,
                Answer = status is HandoffStatus.Answered ? said?.Answer : null,
                DecidedBy = said?.DecidedBy,
                Note = said?.Note,
            };
        }
        catch (OperationCanceledException) when (_state.IsStopped)
        {
            return new PersonAnswer { HandoffId = id, Status = HandoffStatus.Cancelled, Note = _state.StopReason };
        }
    }

    /// <summary>Adds a cost to the session. A repetition under the same id counts once.</summary>
    /// <param name="cost">The cost.</param>
    /// <param name="cancellationToken">Gives up reporting.</param>
    /// <exception cref="HandrailException">The console refused it.</exception>
    public async Task AddCostAsync(CostEvent cost, CancellationToken cancellationToken = default)
    {
        var receipt = await AddCostsAsync([cost], cancellationToken).ConfigureAwait(false);
        if (receipt.Rejected.Count > 0)
        {
            throw new HandrailException($"The console did not take the cost: {receipt.Rejected[0].Error}");
        }
    }

    /// <summary>Adds costs to the session. A repetition under the same ids counts once.</summary>
    /// <param name="costs">The costs.</param>
    /// <param name="cancellationToken">Gives up reporting.</param>
    /// <returns>How many counted, and which did not.</returns>
    /// <exception cref="HandrailException">The console refused the report.</exception>
    public async Task<CostReceipt> AddCostsAsync(IEnumerable<CostEvent> costs, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(costs);
        var now = _connection.Clock.GetUtcNow();
        var events = costs.Select(cost => CostRequest.From(cost, cost.Id ?? NewId("c"), Id, _options.Agent, now)).ToList();
        var answer = await TellAsync(
            ConsoleRequest.Post("/api/v1/costs", new CostsRequest(events), WireJson.Default.CostsRequest, ConsoleConnection.CallTimeout),
            "The console did not take the costs",
            cancellationToken).ConfigureAwait(false);
        var counted = answer.Read(WireJson.Default.CostsAnswer) ?? throw answer.Refused("The console's receipt could not be read");
        return new CostReceipt(counted.Accepted, counted.Duplicates, counted.Rejected ?? []);
    }

    /// <summary>Adds to the live transcript.</summary>
    /// <param name="messages">What was said.</param>
    /// <param name="cancellationToken">Gives up reporting.</param>
    /// <exception cref="HandrailException">The console refused them.</exception>
    public Task AddMessagesAsync(IEnumerable<SessionMessage> messages, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(messages);
        var said = messages.Select(message => new MessageRequest(
            message.Id ?? NewId("m"), Names.Of(message.Role), message.Text, message.At ?? _connection.Clock.GetUtcNow())).ToList();
        return TellAsync(
            ConsoleRequest.Post(_path + "/messages", new MessagesRequest(said), WireJson.Default.MessagesRequest, ConsoleConnection.CallTimeout),
            "The console did not take the messages",
            cancellationToken);
    }

    /// <summary>Says that the session is over and what came of it.</summary>
    /// <param name="outcome">How it ended.</param>
    /// <param name="summary">What was done, in a sentence.</param>
    /// <param name="value">What it was worth.</param>
    /// <param name="units">What it produced.</param>
    /// <param name="cancellationToken">Gives up reporting.</param>
    /// <exception cref="HandrailException">The console refused the report.</exception>
    public Task EndAsync(
        SessionOutcome outcome,
        string? summary = null,
        Money? value = null,
        ProducedUnits? units = null,
        CancellationToken cancellationToken = default) =>
        TellAsync(
            ConsoleRequest.Post(
                _path + "/end",
                new EndRequest(Names.Of(outcome), summary, value, units),
                WireJson.Default.EndRequest,
                ConsoleConnection.CallTimeout),
            "The console did not take the end of the session",
            cancellationToken);

    /// <summary>Stops listening for commands, once those obeyed are acknowledged (for at most two seconds). It neither ends nor stops the session at the console: <see cref="EndAsync"/> does.</summary>
    public async ValueTask DisposeAsync()
    {
        if (_closing.IsCancellationRequested)
        {
            return;
        }

        await _closing.CancelAsync().ConfigureAwait(false);
        _closed(this);
        await _listening.ConfigureAwait(false);
        _commands.Complete();
    }

    /// <summary>Names the session at the console and begins to listen.</summary>
    internal async Task OpenAsync(string? title, string? parentSessionId, JsonObject? metadata, CancellationToken cancellationToken)
    {
        await TellAsync(
            ConsoleRequest.Put(
                _path,
                new SessionRequest(_options.Agent, _options.AgentVersion, _user, title, parentSessionId, metadata),
                WireJson.Default.SessionRequest,
                ConsoleConnection.CallTimeout),
            "The console did not open the session",
            cancellationToken).ConfigureAwait(false);
        _listening = Task.Run(() => _channel.RunAsync(_closing.Token), CancellationToken.None);
        _ = Task.Run(_commands.RunAsync, CancellationToken.None);
    }

    /// <summary>What any answer says, about this session or the whole agent, counts as far as it tightens.</summary>
    internal void Tighten(string? control)
    {
        if (_state.Tighten(control))
        {
            _channel.LookAtOnce();
        }
    }

    /// <summary>The client answered in the console's place.</summary>
    private ActionDecision Offline(AgentAction action, ActionDecision decision)
    {
        if (decision.Verdict is ActionVerdict.Stop)
        {
            _state.Stop(decision.Reasons[^1].Text);
        }

        if (_state.IsStopped && decision.Proceed)
        {
            return DecisionReading.Stopped(decision.ActionId, _state.StopReason);
        }

        if (decision.Proceed)
        {
            _doneOffline[decision.ActionId] = $"Let go without the console, which could not be reached, by policy {decision.PolicyVersion}: {action.Summary ?? action.Type}";
        }

        return decision;
    }

    private async Task<ConsoleAnswer> TellAsync(ConsoleRequest request, string failure, CancellationToken cancellationToken)
    {
        var answer = await _connection.SendAsync(request, heard => Tighten(heard.Control), cancellationToken).ConfigureAwait(false);
        return answer.Succeeded ? answer : throw answer.Refused(failure);
    }

    private string NewId(string kind) => $"{kind}-{Guid.CreateVersion7(_connection.Clock.GetUtcNow()):n}";
}

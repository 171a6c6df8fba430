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
    private readonly PolicyChannel _policy;
    private readonly Asking _asking;
    private readonly SessionGate _gate;
    private readonly SessionReporter _reporter;
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
        _policy = policy;
        _closed = closed;
        _user = user;
        _state = new ControlState(options.Logger);
        _path = $"/api/v1/sessions/{Uri.EscapeDataString(id)}";
        _commands = new CommandRelay(command => CommandReceived?.Invoke(this, command), options.Logger);
        _channel = new ControlChannel(connection, line, id, _path + "/control", _state, heard => policy.Told(heard.PolicyVersion), Received, options.Logger);
        _asking = new Asking(connection, line, id, _state, Heard);
        _gate = new SessionGate(options, offline, _asking, _state, id, _path, user);
        _reporter = new SessionReporter(options, connection, Heard, id, _path);
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

    private void Received(ControlCommand command)
    {
        if (command.Kind is ControlKind.Disable)
        {
            _policy.Doubt();
        }

        _commands.Add(command);
    }

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
    public Task<ActionDecision> RequestAsync(AgentAction action, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(action);
        return _gate.RequestAsync(action, cancellationToken);
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
        if (_gate.DoneOffline(actionId) is not { } what)
        {
            return _reporter.ResultAsync(actionId, succeeded, output, error, cancellationToken);
        }

        // The console never decided on it; that it was done stands in the transcript, once.
        var text = $"{what} ({actionId}): {(succeeded ? "succeeded" : $"failed{(error is null ? "" : $", {error}")}")}";
        return _reporter.AddMessagesAsync([new SessionMessage(MessageRole.Tool, text) { Id = $"offline-{actionId}" }], cancellationToken);
    }

    /// <summary>
    /// Claims an action that was let go, right before it is carried out: the one moment from which it may be done, once. A stop, a take-over or a stricter policy since
    /// the decision has voided it; while the session is paused the claim waits. Not for an action whose grant another system redeems.
    /// </summary>
    /// <param name="decision">The decision that lets it go.</param>
    /// <param name="cancellationToken">Gives up. The claim may have succeeded by then: find out before anything is done.</param>
    /// <returns>Null when it may be carried out now; else why not, for good.</returns>
    /// <exception cref="HandrailException">The console refused the question itself.</exception>
    public Task<string?> ClaimAsync(ActionDecision decision, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(decision);
        return _gate.ClaimAsync(decision, cancellationToken);
    }

    /// <summary>How the policy narrows a tool: which arguments the agent may set, and what is set for it. Null where it does not. Reads the policy where it is not known yet.</summary>
    /// <param name="tool">The tool.</param>
    /// <param name="cancellationToken">Gives up reading.</param>
    /// <exception cref="HandrailException">The console did not tell the policy, or this client can't read it.</exception>
    public async Task<MaskInForce?> GetToolMaskAsync(string tool, CancellationToken cancellationToken = default)
    {
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, Stopped);
        // What an earlier process left does while the console can't be asked.
        if (_policy.Held is null || (_policy.Held.IsLeftBehind && _connection.UnreachableFor is null))
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
        var id = question.HandoffId ?? Ids.New("h", _connection.Clock);
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
    public Task<CostReceipt> AddCostsAsync(IEnumerable<CostEvent> costs, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(costs);
        return _reporter.AddCostsAsync(costs, cancellationToken);
    }

    /// <summary>Adds to the live transcript.</summary>
    /// <param name="messages">What was said.</param>
    /// <param name="cancellationToken">Gives up reporting.</param>
    /// <exception cref="HandrailException">The console refused them.</exception>
    public Task AddMessagesAsync(IEnumerable<SessionMessage> messages, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(messages);
        return _reporter.AddMessagesAsync(messages, cancellationToken);
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
        _reporter.EndAsync(outcome, summary, value, units, cancellationToken);

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
        await _reporter.OpenAsync(_user, title, parentSessionId, metadata, cancellationToken).ConfigureAwait(false);
        _listening = Task.Run(() => _channel.RunAsync(_closing.Token), CancellationToken.None);
        _ = Task.Run(_commands.RunAsync, CancellationToken.None);
    }

    /// <summary>What any answer says of the session, and of the policy in force.</summary>
    private void Heard(ConsoleAnswer answer)
    {
        Tighten(answer.Control);
        _policy.Told(answer.PolicyVersion);
    }

    /// <summary>What any answer says, about this session or the whole agent, counts as far as it tightens.</summary>
    internal void Tighten(string? control)
    {
        if (_state.Tighten(control))
        {
            _channel.LookAtOnce();
        }
    }
}

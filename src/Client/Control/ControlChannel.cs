using Handrail.Client.Live;
using Handrail.Client.Wire;
using Microsoft.Extensions.Logging;

namespace Handrail.Client.Control;

/// <summary>
/// Holds one call open to the console for the session's commands, obeys them, and says so. It goes on through every outage: an
/// agent that has lost its console must hear of a stop as soon as the console is back.
/// </summary>
internal sealed class ControlChannel(
    ConsoleConnection connection,
    HubLine line,
    string sessionId,
    string path,
    ControlState state,
    Action<ConsoleAnswer> observe,
    Action<ControlCommand> received,
    ILogger logger)
{
    private static readonly TimeSpan ShortestWait = TimeSpan.FromSeconds(1);

    /// <summary>How often it looks by itself while the hub would tell: twice within the time that an agent has to obey.</summary>
    private static readonly TimeSpan OwnLook = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan Goodbye = TimeSpan.FromSeconds(5);

    private readonly Queue<long> _unacknowledged = new();
    private readonly Lock _lock = new();
    private CancellationTokenSource? _listening;
    private Bell? _bell;
    private bool _lookAtOnce;
    private bool _stopRead;
    private long _seq;

    /// <summary>Listens until the session is over or closed, and then says what it still owes.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        _bell = line.Listen(HubLine.Control(sessionId));
        line.Add(sessionId);
        await ListenOnAsync(cancellationToken).ConfigureAwait(false);
        line.Remove(sessionId);
        line.Leave(HubLine.Control(sessionId));
        await LeaveAsync().ConfigureAwait(false);
    }

    /// <summary>Reads the state now instead of when there is news: something else said that the session is held.</summary>
    public void LookAtOnce()
    {
        lock (_lock)
        {
            _lookAtOnce = true;

            // Under the lock it is not disposed of yet; what the cancellation sets off runs elsewhere.
            _ = _listening?.CancelAsync();
        }
    }

    private async Task ListenOnAsync(CancellationToken cancellationToken)
    {
        var failures = 0;
        while (!cancellationToken.IsCancellationRequested)
        {
            try
            {
                var acknowledged = await AcknowledgeAsync(cancellationToken).ConfigureAwait(false);
                var ended = await ListenAsync(acknowledged, cancellationToken).ConfigureAwait(false);
                if (ended is true)
                {
                    return;
                }

                failures = ended is null || !acknowledged ? failures + 1 : 0;
            }
            catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
            {
                return;
            }
#pragma warning disable CA1031 // Whatever goes wrong here, a session must not go deaf to a stop.
            catch (Exception problem)
#pragma warning restore CA1031
            {
                failures++;
                logger.LogError(problem, "Listening for commands failed; trying again");
            }

            if (failures > 0)
            {
                await connection.PauseAsync(failures - 1, null, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
    }

    // An agent that leaves as soon as it is stopped has obeyed, and the console is to know it.
    private async Task LeaveAsync()
    {
        using var patience = new CancellationTokenSource(Goodbye, connection.Clock);
        try
        {
            for (var failures = 0; ; failures++)
            {
                if (state.IsStopped && !_stopRead && await ListenAsync(canWait: false, patience.Token).ConfigureAwait(false) is true)
                {
                    return;
                }

                // Another answer that tells of the stop may have broken the reading off, and a busy console refuses for a moment.
                if ((_stopRead || !state.IsStopped) && await AcknowledgeAsync(patience.Token).ConfigureAwait(false))
                {
                    return;
                }

                await connection.PauseAsync(failures, null, patience.Token).ConfigureAwait(false);
            }
        }
        catch (OperationCanceledException)
        {
            logger.LogWarning("The session was closed before the console took the last acknowledgement");
        }
    }

    /// <returns>Whether the session is over; null when it is better to wait a little before listening again.</returns>
    private async Task<bool?> ListenAsync(bool canWait, CancellationToken cancellationToken)
    {
        using var listening = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        bool hold;
        lock (_lock)
        {
            // With an acknowledgement still owed the call is not held: the console counts the seconds until it comes.
            hold = canWait && !_lookAtOnce;
            _lookAtOnce = false;
            _listening = listening;
        }

        var live = hold && line.Covers(sessionId);
        var sent = connection.Clock.GetTimestamp();
        ConsoleAnswer? answer;
        try
        {
            if (live)
            {
                await _bell!.WaitAsync(OwnLook, connection.Clock, listening.Token).ConfigureAwait(false);
            }

            var request = ConsoleRequest.Get($"{path}?after={_seq}&wait={(hold && !live ? connection.LongPollSeconds : 0)}", connection.LongPollTimeout);
            answer = await connection.TryAsync(request, Heard, listening.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return false;
        }
        finally
        {
            lock (_lock)
            {
                _listening = null;
            }
        }

        if (answer is null)
        {
            return null;
        }

        if (!answer.Succeeded || answer.Read(WireJson.Default.ControlAnswer) is not { } control)
        {
            if (!answer.CanBeRetried)
            {
                logger.LogWarning("The console answers {Status} where commands are read; trying again", answer.Status);
            }

            return null;
        }

        var news = Obey(control);
        if (control.State is "completed" or "failed" or "abandoned")
        {
            return true;
        }

        // A console that does not hold the call must not be asked in a tight circle.
        return news || !hold || live || connection.Clock.GetElapsedTime(sent) >= ShortestWait ? false : null;
    }

    private void Heard(ConsoleAnswer answer)
    {
        state.Tighten(answer.Control);
        observe(answer);
    }

    /// <returns>Whether there was a command.</returns>
    private bool Obey(ControlAnswer control)
    {
        var commands = (control.Commands ?? [])
            .OfType<CommandAnswer>()
            .Where(command => command.Seq > _seq)
            .OrderBy(command => command.Seq)
            .Select(command => new ControlCommand
            {
                Seq = command.Seq!.Value,
                Kind = Names.Control(command.Kind),
                Reason = command.Reason,
                By = command.By,
                At = command.At,
                Payload = command.Payload,
            })
            .ToList();

        // A stop first, wherever it stands in the list; the state after all of them is what the console says it is.
        if (commands.Find(command => command.Kind is ControlKind.Stop) is { } stop)
        {
            _stopRead = true;
            state.Stop(stop.Reason);
        }

        state.Follow(control.State ?? StateAfter(commands));
        foreach (var command in commands)
        {
            if (command.Kind is not ControlKind.Unknown)
            {
                _unacknowledged.Enqueue(command.Seq);
            }

            _seq = command.Seq;
            received(command);
        }

        _seq = Math.Max(_seq, control.Seq ?? _seq);
        return commands.Count > 0;
    }

    private static string? StateAfter(List<ControlCommand> commands) =>
        commands.FindLast(command => command.Kind is not (ControlKind.Message or ControlKind.Disable or ControlKind.Enable or ControlKind.Unknown))?.Kind switch
        {
            ControlKind.Pause => "paused",
            ControlKind.TakeOver => "taken_over",
            ControlKind.Resume or ControlKind.HandBack => "running",
            _ => null,
        };

    /// <returns>Whether nothing is left to acknowledge.</returns>
    private async Task<bool> AcknowledgeAsync(CancellationToken cancellationToken)
    {
        while (_unacknowledged.TryPeek(out var seq))
        {
            var request = ConsoleRequest.Post(path + "/ack", new AckRequest(seq), WireJson.Default.AckRequest, ConsoleConnection.CallTimeout);
            var answer = await connection.TryAsync(request, Heard, cancellationToken).ConfigureAwait(false);
            if (answer is null or { CanBeRetried: true })
            {
                return false;
            }

            if (!answer.Succeeded)
            {
                logger.LogWarning("The console refused the acknowledgement of command {Seq} with {Status}", seq, answer.Status);
            }

            _unacknowledged.Dequeue();
        }

        return true;
    }
}

using Handrail.Client.Live;
using Handrail.Client.Wire;

namespace Handrail.Client.Control;

/// <summary>
/// Asks, and waits for a person where one has to decide: through restarts of the console, through pauses, always with the same
/// request. It ends with an answer that is final, a refusal, or a cancellation; never with a guess.
/// </summary>
internal sealed class Asking(ConsoleConnection connection, HubLine line, string sessionId, ControlState state, Action<ConsoleAnswer> observe)
{
    private static readonly TimeSpan HeldForUnlessTold = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan ShortestWait = TimeSpan.FromSeconds(1);

    /// <summary>How often it looks by itself while the hub would tell.</summary>
    private static readonly TimeSpan OwnLook = TimeSpan.FromSeconds(5);

    /// <param name="ask">The request that opens the question; it is idempotent.</param>
    /// <param name="waitPath">Where the answer is waited for, told from the first answer.</param>
    /// <param name="isOpen">Whether an answer leaves the question open.</param>
    /// <param name="letsGo">Whether an answer lets something be done: such a one is read again when the session was held meanwhile.</param>
    /// <param name="giveUp">Asked after each attempt in vain to put the question, and told whether it may have arrived; then null is the answer.</param>
    /// <param name="subject">What the hub rings for when it is decided.</param>
    /// <param name="cancellationToken">Ends the waiting; the question stays as it is at the console.</param>
    public async Task<ConsoleAnswer?> AskAsync(
        ConsoleRequest ask,
        Func<ConsoleAnswer, string> waitPath,
        Func<ConsoleAnswer, bool> isOpen,
        Func<ConsoleAnswer, bool> letsGo,
        Func<bool, bool> giveUp,
        string subject,
        CancellationToken cancellationToken)
    {
        // Listening before asking: what is decided in between has rung by then.
        var bell = line.Listen(subject);
        try
        {
            return await AskAsync(ask, waitPath, isOpen, letsGo, giveUp, bell, cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            line.Leave(subject);
        }
    }

    /// <summary>The same for what is settled by the first answer that is not "held".</summary>
    public async Task<ConsoleAnswer> TellAsync(ConsoleRequest request, CancellationToken cancellationToken)
    {
        while (true)
        {
            var answer = await connection.SendAsync(request, observe, cancellationToken).ConfigureAwait(false);
            cancellationToken.ThrowIfCancellationRequested();
            if (!answer.IsHeld)
            {
                return answer;
            }

            await HeldAsync(answer, cancellationToken).ConfigureAwait(false);
        }
    }

    private async Task<ConsoleAnswer?> AskAsync(
        ConsoleRequest ask,
        Func<ConsoleAnswer, string> waitPath,
        Func<ConsoleAnswer, bool> isOpen,
        Func<ConsoleAnswer, bool> letsGo,
        Func<bool, bool> giveUp,
        Bell bell,
        CancellationToken cancellationToken)
    {
        string? waitAt = null;
        var (idle, known) = (0, false);
        while (true)
        {
            var live = waitAt is not null && line.Covers(sessionId);
            var sent = connection.Clock.GetTimestamp();
            if (live)
            {
                await bell.WaitAsync(OwnLook, connection.Clock, cancellationToken).ConfigureAwait(false);
            }

            var request = waitAt is null
                ? ask
                : ConsoleRequest.Get($"{waitAt}?wait={(live ? 0 : connection.LongPollSeconds)}", connection.LongPollTimeout);
            var answer = await connection.SendAsync(request, observe, arrived => waitAt is null && giveUp(arrived || known), cancellationToken).ConfigureAwait(false);
            cancellationToken.ThrowIfCancellationRequested();
            if (answer is null)
            {
                return null;
            }

            if (answer.IsHeld)
            {
                await HeldAsync(answer, cancellationToken).ConfigureAwait(false);
                waitAt = null;
            }
            else if (answer.Status is 404 && waitAt is not null)
            {
                // The console does not know what it was asked: restored from an older copy, perhaps. The same request asks anew.
                waitAt = null;
                await connection.PauseAsync(idle++, null, cancellationToken).ConfigureAwait(false);
            }
            else if (answer.Succeeded && isOpen(answer))
            {
                // A console that does not hold the call must not be asked in a tight circle.
                var held = waitAt is null || connection.Clock.GetElapsedTime(sent) >= ShortestWait;
                (waitAt, known) = (waitPath(answer), true);
                idle = held ? 0 : idle + 1;
                if (!held)
                {
                    await connection.PauseAsync(idle, null, cancellationToken).ConfigureAwait(false);
                }
            }
            else if (answer.Succeeded && state.IsPaused && letsGo(answer))
            {
                // Let go, and paused or taken over since: what counts is what stands when the session goes on.
                await state.WaitUntilRunningAsync(cancellationToken).ConfigureAwait(false);
                waitAt = waitPath(answer);
            }
            else
            {
                return answer;
            }
        }
    }

    /// <summary>Until the session goes on, or it is time to ask whether it does.</summary>
    private async Task HeldAsync(ConsoleAnswer answer, CancellationToken cancellationToken)
    {
        var told = answer.RetryAfter ?? HeldForUnlessTold;
        using var over = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var askAgain = Task.Delay(told > ShortestWait ? told : ShortestWait, connection.Clock, over.Token);
        var goesOn = state.IsPaused ? state.WaitUntilRunningAsync(over.Token) : askAgain;
        await Task.WhenAny(goesOn, askAgain).ConfigureAwait(false);
        await over.CancelAsync().ConfigureAwait(false);
        await Task.WhenAll(goesOn, askAgain).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        cancellationToken.ThrowIfCancellationRequested();
    }
}

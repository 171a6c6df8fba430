using Handrail.Access;

namespace Handrail.Handoffs;

/// <summary>
/// One person's desk: the queue, and the one handoff that lies on it. What the person sees of that handoff stays as it is until the
/// person asks for its present state; every decision is about what was seen.
/// </summary>
public sealed class ReviewDesk(
    InboxQueries queries, ClaimHandoff claim, DecideHandoff decide, DelegateHandoff delegating, SnoozeHandoff snoozing, CurrentCaller callers, TimeProvider time)
{
    /// <summary>How long a decision may be taken back before it is sent.</summary>
    public static readonly TimeSpan UndoFor = TimeSpan.FromSeconds(5);

    /// <summary>A press this soon after the next handoff came up by itself was meant for the one before: shorter than anybody reads.</summary>
    public static readonly TimeSpan Glance = TimeSpan.FromMilliseconds(700);

    /// <summary>A claim with less than this left is renewed when the person does something.</summary>
    private static readonly TimeSpan RenewAt = TimeSpan.FromMinutes(4);

    private readonly List<HeldDecision> _held = [];
    private readonly List<NotSent> _notSent = [];
    private InboxFilter? _filter;
    private DateTimeOffset _laidOutAt;
    private DateTimeOffset? _cameUpAt;
    private string? _comesUp;

    public InboxQueue Queue { get; } = new();

    /// <summary>All that is open, whatever is shown of it.</summary>
    public QueueReading All { get; private set; } = QueueReading.Empty;

    /// <summary>What the person has put aside, and until when.</summary>
    public IReadOnlyDictionary<string, DateTimeOffset> Aside { get; private set; } = new Dictionary<string, DateTimeOffset>();

    /// <summary>Colleagues who may decide as well; empty until somebody wants to delegate.</summary>
    public IReadOnlyList<string> Colleagues { get; private set; } = [];

    /// <summary>Decided, and not sent yet, the oldest first.</summary>
    public IReadOnlyList<HeldDecision> Held => _held;

    /// <summary>What was refused when it was sent, until the person has read it.</summary>
    public IReadOnlyList<NotSent> NotSent => _notSent;

    /// <summary>The decision on what lies on the desk, while it may be taken back.</summary>
    public HeldDecision? HeldHere => Card is null ? null : _held.Find(h => h.Seen.HandoffId == Card.Handoff.HandoffId);

    public Caller? Caller => Rights?.Caller;

    public Rights? Rights { get; private set; }

    /// <summary>The handoff as the person sees it.</summary>
    public InboxCard? Card { get; private set; }

    public CardDraft? Draft { get; private set; }

    /// <summary>The same handoff as it is by now, where that is not what the person sees.</summary>
    public InboxCard? Newer { get; private set; }

    /// <summary>The handoff that was asked for does not exist.</summary>
    public bool Missing { get; private set; }

    /// <summary>Why the last deed was refused.</summary>
    public string? Refused { get; private set; }

    public bool Busy { get; private set; }

    public CardStanding? Standing => Card is null || Rights is null ? null : CardStanding.Of(Newer ?? Card, Rights, time.GetUtcNow());

    /// <summary>Names what is on the desk and in which version: what a press is compared with.</summary>
    public string? Subject => Card is null ? null : FormattableString.Invariant($"{Card.Handoff.Version}:{Card.Handoff.HandoffId}");

    /// <param name="id">The handoff to lay on the desk; null for the first in the queue, or the one that lies there already.</param>
    public async Task LoadAsync(InboxFilter filter, string? id, CancellationToken cancel)
    {
        Rights = await callers.RightsAsync(cancel);
        if (_filter != filter)
        {
            Queue.Clear();
            _filter = filter;
        }

        var reading = await queries.ReadAsync(Caller!, filter, [.. Queue.Rows.Select(r => r.Id)], cancel);
        Queue.Take(reading);
        (All, Aside) = (reading.Queue, reading.Aside);
        await LayOutAsync(id ?? Card?.Handoff.HandoffId ?? Queue.First?.Id, cancel);
    }

    /// <summary>Shows the handoff as it is by now; what was typed about it before does not apply any more.</summary>
    public void ShowNewer()
    {
        if (Newer is not null)
        {
            (Card, Newer, Refused) = (Newer, null, null);
            Draft = new CardDraft(Card.Handoff);
            _laidOutAt = time.GetUtcNow();
        }
    }

    /// <summary>Takes the handoff, or lets it go.</summary>
    public Task<bool> ClaimAsync(bool release) => TryAsync(async () =>
    {
        await claim.HandleAsync(Caller!, Card!.Handoff.HandoffId, release, CancellationToken.None);
        await LayOutAsync(Card.Handoff.HandoffId, CancellationToken.None);
    });

    /// <summary>Keeps the person's own claim while there is activity.</summary>
    public Task StayAsync() =>
        Card is { Open: true } && Standing is { Mine: true } && Card.Handoff.ClaimedUntil - time.GetUtcNow() < RenewAt ? ClaimAsync(release: false) : Task.CompletedTask;

    /// <summary>Reads who else may decide.</summary>
    public async Task LoadColleaguesAsync() => Colleagues = await delegating.ColleaguesAsync(Caller!, CancellationToken.None);

    /// <summary>Puts the handoff before a colleague.</summary>
    public Task<bool> DelegateAsync(string to, string? note) => AwayAsync(id => delegating.HandleAsync(Caller!, id, to, note, CancellationToken.None));

    /// <summary>Puts the handoff out of the person's own sight, or back into it.</summary>
    public Task<bool> SnoozeAsync(DateTimeOffset? until) => AwayAsync(id => snoozing.HandleAsync(Caller!, id, until, CancellationToken.None));

    /// <summary>Decides, in five seconds from now: until then it may be taken back.</summary>
    /// <param name="subject">What the person saw on pressing.</param>
    /// <returns>Null when that is not what lies on the desk any more, or it has just come up.</returns>
    public HeldDecision? Hold(string? subject, HandoffDecision decision)
    {
        if (!MayDecide(subject))
        {
            return null;
        }

        var (seen, now) = (Card!.Handoff, time.GetUtcNow());

        // What a breaker has halted does not wait for second thoughts.
        var held = new HeldDecision(seen, decision with { Looked = now - _laidOutAt }, seen.Kind == HandoffKind.Breaker ? now : now + UndoFor);
        Refused = null;
        _held.Add(held);
        Queue.Sending.Add(seen.HandoffId);
        _comesUp = Queue.After(seen.HandoffId)?.Id;
        return held;
    }

    /// <summary>Takes the last decision back, if it has not been sent.</summary>
    public HeldDecision? Undo()
    {
        if (_held.Count == 0)
        {
            return null;
        }

        var last = _held[^1];
        _held.RemoveAt(_held.Count - 1);
        Queue.Sending.Remove(last.Seen.HandoffId);
        return last;
    }

    /// <summary>Sends a decision whose time to be taken back is over.</summary>
    /// <returns>The handoff after it; null when it had been taken back or was refused: then <see cref="NotSent"/> says why.</returns>
    public async Task<HandoffAnswer?> SendAsync(HeldDecision held)
    {
        if (!_held.Remove(held))
        {
            return null;
        }

        var id = held.Seen.HandoffId;
        try
        {
            var after = await decide.HandleAsync(Caller!, id, held.Decision, held.Seen.Version, CancellationToken.None);
            if (Card?.Handoff.HandoffId == id && Card.Handoff.Version == held.Seen.Version)
            {
                Draft = new CardDraft(after);
                Card = Card with { Handoff = after };
            }

            return after;
        }
        catch (Exception e)
        {
            // Whatever it was, nothing is decided: the person must not believe otherwise.
            _notSent.Add(new NotSent(held, e is Refusal ? e.Message : "The console could not write it down. The handoff is as it was; please decide it again."));
            return null;
        }
        finally
        {
            Queue.Sending.Remove(id);
        }
    }

    /// <summary>Sends all at once: the person leaves, and what was decided is meant.</summary>
    public async Task SendAllAsync()
    {
        foreach (var held in _held.ToList())
        {
            await SendAsync(held);
        }
    }

    public void Dismiss(NotSent said) => _notSent.Remove(said);

    /// <summary>Takes the session over, at once: the person was asked before.</summary>
    /// <param name="subject">What the person saw on pressing.</param>
    /// <returns>The handoff after it; null when nothing was decided, and <see cref="Refused"/> says why.</returns>
    public async Task<HandoffAnswer?> TakeOverAsync(string? subject, string? note)
    {
        if (!MayDecide(subject))
        {
            return null;
        }

        HandoffAnswer? after = null;
        var seen = Card!.Handoff;
        await TryAsync(async () => after = await decide.HandleAsync(
            Caller!, seen.HandoffId, new HandoffDecision(DecisionKind.TakeOver) { Note = note, Looked = time.GetUtcNow() - _laidOutAt }, seen.Version, CancellationToken.None));
        return after;
    }

    /// <summary>Puts the queue in order after a decision.</summary>
    /// <returns>The handoff to go on with; null when nothing is left.</returns>
    public string? GoOn()
    {
        Queue.Settle();
        return _comesUp;
    }

    private bool MayDecide(string? subject) =>
        Card is not null && subject == Subject && Newer is null && !(time.GetUtcNow() - _cameUpAt < Glance) && !Queue.Sending.Contains(Card.Handoff.HandoffId);

    /// <summary>What leaves the desk without being decided; the next one comes up.</summary>
    private Task<bool> AwayAsync(Func<string, Task> deed) => TryAsync(async () =>
    {
        var id = Card!.Handoff.HandoffId;
        await deed(id);
        _comesUp = Queue.After(id)?.Id;
        Draft = new CardDraft(Card.Handoff);
    });

    private async Task<bool> TryAsync(Func<Task> deed)
    {
        if (Busy)
        {
            return false;
        }

        Busy = true;
        Refused = null;
        try
        {
            await deed();
            return true;
        }
        catch (Refusal refusal)
        {
            Refused = refusal.Message;
            await LayOutAsync(Card!.Handoff.HandoffId, CancellationToken.None);
            return false;
        }
        finally
        {
            Busy = false;
        }
    }

    private async Task LayOutAsync(string? id, CancellationToken cancel)
    {
        var card = id is null ? null : await FindAsync(id, cancel);
        Missing = id is not null && card is null;
        if (card is null || Card is null || Card.Handoff.HandoffId != id)
        {
            (Card, Newer, Refused) = (card, null, null);
            Draft = card is null ? null : new CardDraft(card.Handoff);
            _laidOutAt = time.GetUtcNow();
            _cameUpAt = id is not null && id == _comesUp ? _laidOutAt : null;
            _comesUp = null;
        }
        else if (card.Handoff.Version == Card.Handoff.Version)
        {
            (Card, Newer) = (card, null);
        }
        else if (card.Handoff.Version > Card.Handoff.Version)
        {
            // A reading begun before the person's own decision is older than the card, and says nothing new.
            Newer = card;
        }
    }

    private async Task<InboxCard?> FindAsync(string id, CancellationToken cancel)
    {
        try
        {
            return await queries.OneAsync(Caller!, id, cancel);
        }
        catch (Refusal refusal) when (refusal.Kind == RefusalKind.NotFound)
        {
            return null;
        }
    }
}

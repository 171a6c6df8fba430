using Handrail.Access;

namespace Handrail.Handoffs;

/// <summary>
/// One person's desk: the queue, and the one handoff that lies on it. What the person sees of that handoff stays as it is until the
/// person asks for its present state; every decision is about what was seen.
/// </summary>
public sealed class ReviewDesk(InboxQueries queries, ClaimHandoff claim, DecideHandoff decide, CurrentCaller callers, TimeProvider time)
{
    /// <summary>A press this soon after the next handoff came up by itself was meant for the one before: shorter than anybody reads.</summary>
    public static readonly TimeSpan Glance = TimeSpan.FromMilliseconds(700);

    /// <summary>A claim with less than this left is renewed when the person does something.</summary>
    private static readonly TimeSpan RenewAt = TimeSpan.FromMinutes(4);

    private HandoffFilter? _filter;
    private DateTimeOffset? _cameUpAt;
    private string? _comesUp;

    public InboxQueue Queue { get; } = new();

    /// <summary>More is open than the queue holds.</summary>
    public bool More { get; private set; }

    /// <summary>Agents that wait for people.</summary>
    public IReadOnlyList<string> Agents { get; private set; } = [];

    public Caller? Caller { get; private set; }

    /// <summary>The handoff as the person sees it.</summary>
    public InboxCard? Card { get; private set; }

    public CardDraft? Draft { get; private set; }

    /// <summary>The same handoff as it is by now, where that is not what the person sees.</summary>
    public InboxCard? Newer { get; private set; }

    /// <summary>The handoff that was asked for does not exist.</summary>
    public bool Missing { get; private set; }

    /// <summary>Why the last decision was refused.</summary>
    public string? Refused { get; private set; }

    public bool Busy { get; private set; }

    public CardStanding? Standing => Card is null || Caller is null ? null : CardStanding.Of(Newer ?? Card, Caller, time.GetUtcNow());

    /// <summary>Names what is on the desk and in which version: what a press is compared with.</summary>
    public string? Subject => Card is null ? null : FormattableString.Invariant($"{Card.Handoff.Version}:{Card.Handoff.HandoffId}");

    /// <param name="id">The handoff to lay on the desk; null for the first in the queue, or the one that lies there already.</param>
    public async Task LoadAsync(HandoffFilter filter, string? id, CancellationToken cancel)
    {
        Caller = await callers.GetAsync();
        if (_filter != filter)
        {
            Queue.Clear();
            _filter = filter;
        }

        var reading = await queries.ReadAsync(Caller, filter, [.. Queue.Rows.Select(r => r.Id)], cancel);
        Queue.Take(reading);
        (More, Agents) = (reading.More, reading.Agents);
        await LayOutAsync(id ?? Card?.Handoff.HandoffId ?? Queue.Rows.FirstOrDefault(r => r.Open)?.Id, cancel);
    }

    /// <summary>Shows the handoff as it is by now; what was typed about it before does not apply any more.</summary>
    public void ShowNewer()
    {
        if (Newer is not null)
        {
            (Card, Newer, Refused) = (Newer, null, null);
            Draft = new CardDraft(Card.Handoff);
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

    /// <param name="subject">What the person saw on pressing.</param>
    /// <returns>The handoff after the decision; null when nothing was decided, and <see cref="Refused"/> says why.</returns>
    public async Task<HandoffAnswer?> DecideAsync(string? subject, HandoffDecision decision)
    {
        if (Card is null || subject != Subject || Newer is not null || time.GetUtcNow() - _cameUpAt < Glance)
        {
            return null;
        }

        HandoffAnswer? after = null;
        var seen = Card.Handoff;
        await TryAsync(async () => after = await decide.HandleAsync(Caller!, seen.HandoffId, decision, seen.Version, CancellationToken.None));
        if (after is not null)
        {
            Draft = new CardDraft(after);
            _comesUp = Queue.After(seen.HandoffId)?.Id;
            Card = Card with { Handoff = after };
        }

        return after;
    }

    /// <summary>Puts the queue in order after a decision.</summary>
    /// <returns>The handoff to go on with; null when nothing is left.</returns>
    public string? GoOn()
    {
        Queue.Settle();
        return _comesUp;
    }

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
            _cameUpAt = id is not null && id == _comesUp ? time.GetUtcNow() : null;
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

namespace Handrail.Policy;

/// <summary>
/// Finds what people always approve as proposed: one action type with one vendor or in one category. Such a habit is worth a limit, which it proposes with its evidence.
/// </summary>
public sealed class SteadyApprovals
{
    /// <summary>How many decisions make a habit.</summary>
    public const int LeastDecisions = 20;

    /// <summary>Vendors are the agents' words: so many pairs are followed, and what comes later is left out.</summary>
    private const int MostFollowed = 10_000;

    private readonly Dictionary<(string Type, string? Category, string? Vendor), Habit> _habits = [];

    /// <summary>Counts one decision of a person.</summary>
    public void Add(RecordedAction recorded)
    {
        if (recorded.People is not { } people || recorded.Action.Type.Contains('*', StringComparison.Ordinal)) return;
        if (recorded.Action.Vendor is { } vendor) Follow(recorded, people, null, vendor);
        if (recorded.Action.Category is { } category) Follow(recorded, people, category, null);
    }

    /// <summary>The limits that would let go what was always approved, those with the most evidence first, without such as the document lets go as far already.</summary>
    /// <param name="document">What the limits would be added to.</param>
    /// <param name="today">A limit that ended before this day lets nothing go any more.</param>
    /// <param name="until">The last day that the limits are proposed for; null for no end.</param>
    public IReadOnlyList<ProposedLimit> Proposals(PolicyDocument document, DateOnly today, DateOnly? until = null)
    {
        var known = document.Limits.ToDictionary(limit => limit.Key);
        return
        [
            .. _habits.Values.Where(habit => habit.IsSteady).Select(habit => habit.Propose(until))
                .Where(proposal => !(known.TryGetValue(proposal.Limit.Key, out var limit) && !(limit.Until < today) && LetsGoAsMuch(limit, proposal.Limit)))
                .OrderByDescending(proposal => proposal.Approved).ThenBy(proposal => proposal.Limit.Key, StringComparer.Ordinal),
        ];
    }

    private static bool LetsGoAsMuch(Limit known, Limit proposed) =>
        known.MaxAmount is null || (known.Currency == proposed.Currency && known.MaxAmount >= proposed.MaxAmount);

    private void Follow(RecordedAction recorded, PeopleDecision people, string? category, string? vendor)
    {
        var key = (ComparableText.Of(recorded.Action.Type), category is null ? null : ComparableText.Of(category), vendor is null ? null : ComparableText.Of(vendor));
        if (!_habits.TryGetValue(key, out var habit))
        {
            if (_habits.Count >= MostFollowed) return;
            _habits[key] = habit = new(recorded.Action.Type, category, vendor);
        }

        habit.Count(recorded, people);
    }

    private sealed class Habit(string type, string? category, string? vendor)
    {
        private readonly List<decimal> _amounts = [];
        private string? _currency;
        private bool _isBroken;
        private DateTimeOffset _first = DateTimeOffset.MaxValue;
        private DateTimeOffset _last = DateTimeOffset.MinValue;

        public bool IsSteady => !_isBroken && _amounts.Count >= LeastDecisions;

        /// <summary>A rejection, an edit, another currency or an amount that isn't named: no single limit would say what people do.</summary>
        public void Count(RecordedAction recorded, PeopleDecision people)
        {
            var currency = recorded.Action.Currency?.ToUpperInvariant();
            _isBroken |= people != PeopleDecision.Approved || recorded.Action.Amount is null or < 0 || currency is null || (_currency ?? currency) != currency;
            if (_isBroken) return;
            _currency = currency;
            _amounts.Add(recorded.Action.Amount!.Value);
            if (recorded.At < _first) _first = recorded.At;
            if (recorded.At > _last) _last = recorded.At;
        }

        public ProposedLimit Propose(DateOnly? until)
        {
            var amounts = Quantiles.Of(_amounts.ToArray())!;
            var limit = new Limit { Type = type, Category = category, Vendor = vendor, MaxAmount = amounts.Most, Currency = _currency, Until = until };
            return new(limit, amounts.Count, WilsonInterval.Of(amounts.Count, amounts.Count), amounts, _first, _last);
        }
    }
}

/// <summary>A limit that people's decisions speak for.</summary>
/// <param name="Limit">The limit: up to the highest amount that was approved.</param>
/// <param name="Approved">How many actions of its kind people approved as proposed; they rejected and edited none.</param>
/// <param name="Interval">Between which shares the true share of approval lies, at 95 %.</param>
/// <param name="Amounts">How the amounts were distributed.</param>
/// <param name="First">When the first was decided.</param>
/// <param name="Last">When the last was.</param>
public sealed record ProposedLimit(Limit Limit, int Approved, WilsonInterval Interval, Quantiles Amounts, DateTimeOffset First, DateTimeOffset Last);

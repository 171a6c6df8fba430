using Handrail.Access;
using Handrail.Actions;
using Handrail.Policy;
using Handrail.Sessions;

namespace Handrail.Policies;

/// <summary>
/// One person's view of all layers, and the drafts that this person has not published. What others publish meanwhile is shown beside a
/// draft and never changes it.
/// </summary>
public sealed class AutonomyDesk(AutonomyQueries queries, DraftPublishing publishing, PolicyQueries policies, GuaranteeQueries guarantees, DraftPreviews previews, ThresholdQueries thresholds, ExperienceQueries experience, BudgetQueries budgets, CurrentCaller callers, TimeProvider time)
{
    /// <summary>Types seen change slowly, and looking for them is dear.</summary>
    private static readonly TimeSpan SeenFor = TimeSpan.FromMinutes(5);

    private static readonly TimeSpan BudgetsFor = TimeSpan.FromSeconds(10);

    private const int VersionsPerPage = 20;

    private readonly Dictionary<string, PolicyDraft> _drafts = new(StringComparer.Ordinal);
    private ILookup<string, TypeSeen> _seen = Array.Empty<TypeSeen>().ToLookup(t => t.Agent);
    private IReadOnlyDictionary<(string Agent, string Type, string Currency), ThresholdHistory> _amounts = new Dictionary<(string, string, string), ThresholdHistory>();
    private DateTimeOffset? _seenAt;
    private Rights? _rights;
    private ExperienceReading? _experience;
    private DateTimeOffset? _recalledAt;
    private IReadOnlyList<BudgetReading> _budgets = [];
    private DateTimeOffset? _budgetsAt;
    private readonly Dictionary<string, (PolicyDocument Of, int Fleet, IReadOnlyList<GuaranteeReading>? Proofs)> _proofs = new(StringComparer.Ordinal);
    private (string? Scope, VersionPage? Page) _history;
    private int _versions;

    public Caller? Caller => _rights?.Caller;

    public AutonomyReading? Reading { get; private set; }

    public bool Busy => publishing.Busy;

    /// <summary>Some layer at least.</summary>
    public bool MayEditAny => Caller?.MaySomewhere(Permission.EditPolicy) == true;

    /// <param name="agent">Null for the fleet's layer.</param>
    public bool MayEdit(string? agent) => _rights?.Over(Permission.EditPolicy, agent) == true;

    public bool HasDrafts => _drafts.Values.Any(d => !d.Empty);

    /// <summary>Agents that only the fleet's layer rules.</summary>
    public IEnumerable<string> WithoutOwn => Reading?.Agents.Where(a => a.Layer.Version == 0).Select(a => a.Agent) ?? [];

    /// <param name="history">The scope whose versions are shown; null for none.</param>
    public async Task LoadAsync(string? history, CancellationToken cancel)
    {
        var rights = await callers.RightsAsync(cancel);
        var caller = rights.Caller;
        var reading = await queries.ReadAsync(caller, cancel);
        var now = time.GetUtcNow();
        if (_seenAt is null || now - _seenAt > SeenFor)
        {
            _seen = (await queries.SeenAsync(caller, cancel)).ToLookup(t => t.Agent);
            _amounts = await thresholds.AmountsAsync(caller, cancel);
            _seenAt = now;
        }

        if (_budgetsAt is null || now - _budgetsAt > BudgetsFor)
        {
            _budgets = await budgets.ReadAsync(caller, null, null, cancel);
            _budgetsAt = now;
        }

        if (_history.Scope != history)
        {
            _versions = VersionsPerPage;
        }

        var versions = history is null ? null : await policies.VersionsAsync(caller, history, null, _versions, cancel);

        // From here on without a pause: what is drawn in between is one reading.
        (_rights, Reading, _history) = (rights, reading, (history, versions));
        foreach (var (scope, draft) in _drafts)
        {
            draft.See(LayerOf(scope));
        }
    }

    /// <summary>The versions of a layer, newest first; null unless they are the ones shown.</summary>
    public VersionPage? HistoryOf(string scope) => _history.Scope == scope ? _history.Page : null;

    /// <summary>Shows as many versions again.</summary>
    public void MoreHistory() => _versions += VersionsPerPage;

    public LayerState LayerOf(string scope) =>
        scope == Scopes.Fleet ? Reading!.Fleet : Reading!.Agents.FirstOrDefault(a => a.Layer.Scope == scope)?.Layer ?? new LayerState(scope, 0, null);

    /// <summary>The draft of a layer; null while nothing of it was moved.</summary>
    public PolicyDraft? DraftOf(string scope) => _drafts.TryGetValue(scope, out var draft) && !(draft.Empty && draft.Newer is null) ? draft : null;

    public IReadOnlyList<AutonomyRow> FleetRows =>
        AutonomyRow.Of(Document(Scopes.Fleet), null, []);

    public IReadOnlyList<AutonomyRow> RowsOf(string agent) =>
        AutonomyRow.Of(Document(Scopes.Agent(agent)), Reading!.Fleet.Rules, [.. _seen[agent]]);

    /// <summary>Reads how far policy and people agree, unless that was done lately: it goes through every decision of 30 days.</summary>
    /// <returns>Whether there is something new to show.</returns>
    public async Task<bool> RecallAsync(CancellationToken cancel)
    {
        var now = time.GetUtcNow();
        if (_recalledAt is { } at && now - at <= SeenFor)
        {
            return false;
        }

        _recalledAt = now;
        try
        {
            _experience = await experience.ReadAsync(Caller!, now - AutonomyQueries.Lately, cancel);
            return true;
        }
        catch
        {
            _recalledAt = null;
            throw;
        }
    }

    /// <summary>What is known of an agent's actions of a row's type; null for nothing.</summary>
    public TypeExperience? ExperienceOf(string? agent, AutonomyRow row) => agent is null || row.Type is null ? null
        : _experience?.Types.FirstOrDefault(t => t.Agent == agent && ComparableText.Of(t.Type) == ComparableText.Of(row.Type));

    /// <summary>Limits that people's decisions speak for and that the layer, or its draft, does not have yet.</summary>
    public IReadOnlyList<LimitOffer> OffersOf(string? agent) => agent is null || _experience is null ? []
        : [.. _experience.Offers.Where(o => o.Agent == agent && Document(Scopes.Agent(agent)).Limits.All(l => l.Key != o.Proposal.Limit.Key))];

    /// <summary>Makes the drafts of a move that the evidence speaks for.</summary>
    /// <returns>The layers that are moved.</returns>
    public IReadOnlyList<string> Follow(LevelMove move, string type)
    {
        foreach (var scope in move.Scopes)
        {
            Make(scope, new LevelEdit(type, move.To));
        }

        return move.Scopes;
    }

    /// <summary>A layer's budgets in their present periods.</summary>
    public IReadOnlyList<BudgetReading> BudgetsOf(string scope) => [.. _budgets.Where(b => b.Scope == scope)];

    /// <summary>Amounts of the past of a row's type, in its limit's currency.</summary>
    /// <param name="agent">Null for those of all agents.</param>
    public ThresholdHistory? AmountsOf(string? agent, AutonomyRow row) =>
        row.Type is null ? null : _amounts.GetValueOrDefault((agent ?? "", ComparableText.Of(row.Type), row.Currency));

    /// <summary>Action types that any agent asked for lately, for the fleet's layer to name.</summary>
    public IEnumerable<string> TypesSeen => _seen.SelectMany(g => g).Select(t => t.Type).Where(t => !t.Contains('*', StringComparison.Ordinal)).Distinct().Order(StringComparer.Ordinal);

    public void Make(string scope, PolicyEdit edit)
    {
        if (!_drafts.TryGetValue(scope, out var draft))
        {
            _drafts[scope] = draft = new PolicyDraft(LayerOf(scope));
        }

        draft.Make(edit);
        if (draft.Empty && draft.Newer is null)
        {
            Discard(scope);
        }
    }

    public void Discard(string scope)
    {
        _drafts.Remove(scope);
        _proofs.Remove(scope);
        previews.Forget(scope);
    }

    /// <summary>What the drafts would have changed on actions of the past.</summary>
    public DraftPreviews Previews => previews;

    /// <summary>The layers that have a draft.</summary>
    public IReadOnlyList<string> Drafted => [.. _drafts.Keys];

    /// <summary>What became of the guarantees with a layer's draft in force; null while that is not known.</summary>
    public IReadOnlyList<GuaranteeReading>? ProofsOf(string scope) => _proofs.TryGetValue(scope, out var known) ? known.Proofs : null;

    /// <summary>Finds out what a layer's draft would mean, unless that is known.</summary>
    public async Task WeighAsync(string scope, CancellationToken cancel)
    {
        if (DraftOf(scope) is not { } draft)
        {
            return;
        }

        var preview = previews.FollowAsync(Caller!, draft);
        var (document, fleet) = (draft.Document, Reading!.Fleet.Version);
        if (!(_proofs.TryGetValue(scope, out var known) && known.Of == document && known.Fleet == fleet))
        {
            _proofs[scope] = (document, fleet, null);
            var proofs = await guarantees.ProveAsync(Caller!, scope, document, cancel);
            if (_proofs.TryGetValue(scope, out known) && ReferenceEquals(known.Of, document))
            {
                _proofs[scope] = (document, fleet, proofs);
                previews.Told();
            }
        }

        await preview;
    }

    /// <returns>The new version; null when it was refused, and the draft says why.</returns>
    public async Task<int?> PublishAsync(string scope)
    {
        if (DraftOf(scope) is not { } draft)
        {
            return null;
        }

        var document = draft.Document;
        if (await publishing.PublishAsync(Caller!, draft) is not { } version)
        {
            return null;
        }

        // What was moved while it was being published is a draft still, beside the version that it is not in.
        if (ReferenceEquals(draft.Document, document))
        {
            Discard(scope);
        }

        return version;
    }

    /// <summary>Publishes an old version again.</summary>
    /// <exception cref="Refusal">No right, or somebody published meanwhile.</exception>
    public Task RollBackAsync(string scope, int version, string reason) => publishing.RollBackAsync(Caller!, scope, version, reason, LayerOf(scope).Version);

    private PolicyDocument Document(string scope) => _drafts.GetValueOrDefault(scope)?.Document ?? LayerOf(scope).Rules;
}

using System.Text.Json.Nodes;
using Handrail.Access;
using Handrail.Policy;
using Handrail.Sessions;

namespace Handrail.Policies.Editing;

/// <summary>
/// One person's view of one layer at a time, and the drafts that this person has not published. What others publish meanwhile is shown beside a draft and never changes it.
/// </summary>
public sealed class RulesDesk(AutonomyQueries queries, PolicyQueries policies, GuaranteeQueries guarantees, DraftPublishing publishing, TrialDesk trial, DraftPreviews previews, ThresholdDesk thresholds, CurrentCaller callers)
{
    private Rights? _rights;
    private const int VersionsPerPage = 20;

    private readonly Dictionary<string, RulesDraft> _drafts = new(StringComparer.Ordinal);
    private readonly HashSet<JsonObject> _open = [];
    private IReadOnlyList<TypeSeen>? _seen;
    private string? _history;
    private int _versions = VersionsPerPage;
    private (RulesDraft Draft, int Revision, int Fleet)? _proving;

    public Caller? Caller => _rights?.Caller;

    public AutonomyReading? Reading { get; private set; }

    /// <summary>The layer that is shown: <c>fleet</c> or <c>agent:NAME</c>.</summary>
    public string Scope { get; private set; } = Scopes.Fleet;

    /// <summary>The layer as it is in force.</summary>
    public LayerState Layer => LayerOf(Scope);

    /// <summary>The layer as this person has it: a draft, or what is in force while nothing was changed.</summary>
    public RulesDraft Draft { get; private set; } = null!;

    /// <summary>What became of the guarantees with the draft in force; null while that is not known.</summary>
    public IReadOnlyList<GuaranteeReading>? Proofs { get; private set; }

    public TrialDesk Trial => trial;

    public DraftPreviews Previews => previews;

    public VersionPage? History { get; private set; }

    public bool Busy => publishing.Busy;

    /// <summary>The layer that is shown.</summary>
    public bool MayEdit => _rights?.Over(Permission.EditPolicy, Scope == Scopes.Fleet ? null : Scope[Scopes.Agent("").Length..]) == true;

    public bool HasDrafts => _drafts.Values.Any(d => !d.Empty);

    /// <summary>The draft where there is one to show.</summary>
    public RulesDraft? Shown => Draft is { Empty: true, Newer: null } ? null : Draft;

    /// <summary>Action types that agents asked for lately.</summary>
    public IEnumerable<string> TypesSeen => (_seen ?? []).Select(t => t.Type).Where(t => !t.Contains('*', StringComparison.Ordinal)).Distinct().Order(StringComparer.Ordinal);

    /// <summary>The figures of the past that an entry's threshold is about; null while they are not known.</summary>
    public ThresholdHistory? HistoryOf(string list, JsonObject entry) => EntryThreshold.Of(Scope, list, entry) is { } subject ? thresholds.Of(subject) : null;

    /// <summary>Reads the figures of the past for the entries whose fields are shown.</summary>
    /// <returns>Whether there is something new to show.</returns>
    public async Task<bool> RememberAsync(string list, CancellationToken cancel)
    {
        var news = false;
        foreach (var subject in Draft.Form.Items(list).Where(IsOpen).Select(entry => EntryThreshold.Of(Scope, list, entry)).OfType<ThresholdSubject>().ToList())
        {
            news |= await thresholds.ReadAsync(Caller!, subject, cancel);
        }

        return news;
    }

    public bool IsOpen(JsonObject entry) => _open.Contains(entry);

    /// <summary>Shows the fields of an entry, or hides them again.</summary>
    public void Toggle(JsonObject entry)
    {
        if (!_open.Remove(entry))
        {
            _open.Add(entry);
        }
    }

    /// <param name="scope">The layer to show.</param>
    /// <param name="history">Its versions too.</param>
    public async Task LoadAsync(string scope, bool history, CancellationToken cancel)
    {
        var rights = await callers.RightsAsync(cancel);
        var caller = rights.Caller;
        var reading = await queries.ReadAsync(caller, cancel);
        _seen ??= await queries.SeenAsync(caller, cancel);
        if (_history != scope)
        {
            (_history, _versions) = (scope, VersionsPerPage);
        }

        var versions = history ? await policies.VersionsAsync(caller, scope, null, _versions, cancel) : null;

        // From here on without a pause: what is drawn in between is one layer as one reading found it.
        (_rights, Reading, History) = (rights, reading, versions);
        if (Scope != scope)
        {
            (Scope, Proofs, _proving) = (scope, null, null);
        }

        foreach (var (of, draft) in _drafts)
        {
            draft.See(LayerOf(of));
        }

        if (!_drafts.TryGetValue(scope, out var mine) || (mine is { Newer: not null, Empty: true } && !_open.Any(entry => entry.Root == mine.Form.Root)))
        {
            _drafts[scope] = mine = new RulesDraft(LayerOf(scope));
        }

        Draft = mine;
    }

    /// <summary>Shows as many versions again.</summary>
    public void MoreHistory() => _versions += VersionsPerPage;

    public JsonObject Add(RulesPart part, JsonObject? like = null)
    {
        var entry = like is null ? part.Begin!(Draft.Form) : (JsonObject)like.DeepClone();
        if (like is not null && entry.ContainsKey("id"))
        {
            entry["id"] = DraftDocument.Text(part.Begin!(Draft.Form), "id");
        }

        _open.Add(Draft.Form.Add(part.Key, entry));
        return entry;
    }

    public void Discard()
    {
        _drafts[Scope] = Draft = new RulesDraft(LayerOf(Scope));
        previews.Forget(Scope);
        _open.Clear();
    }

    /// <summary>Asks which guarantees would hold, unless that is known; of several changes in a row only the last counts.</summary>
    /// <returns>Whether there is something new to show.</returns>
    public async Task<bool> ProveAsync(CancellationToken cancel)
    {
        var asked = (Draft, Draft.Form.Revision, Reading!.Fleet.Version);
        if (_proving == asked)
        {
            return false;
        }

        (_proving, Proofs) = (asked, null);
        if (Draft.Document is not { } document)
        {
            return true;
        }

        var proofs = await guarantees.ProveAsync(Caller!, Scope, document, cancel);
        if (_proving != asked)
        {
            return false;
        }

        Proofs = proofs;
        return true;
    }

    /// <returns>The new version; null when it was refused, and the draft says why.</returns>
    public async Task<int?> PublishAsync()
    {
        var (scope, draft, document) = (Scope, Draft, Draft.Document);
        if (await publishing.PublishAsync(Caller!, draft) is not { } version)
        {
            return null;
        }

        // What was typed while it was being published is a draft still, beside the version that it is not in.
        if (ReferenceEquals(draft.Document, document))
        {
            _drafts.Remove(scope);
            previews.Forget(scope);
            _open.Clear();
        }

        return version;
    }

    /// <summary>Publishes an old version again.</summary>
    /// <exception cref="Refusal">No right, somebody published meanwhile, or a guarantee that would not hold.</exception>
    public Task RollBackAsync(int version, string reason) => publishing.RollBackAsync(Caller!, Scope, version, reason, Layer.Version);

    private LayerState LayerOf(string scope) =>
        scope == Scopes.Fleet ? Reading!.Fleet : Reading!.Agents.FirstOrDefault(a => a.Layer.Scope == scope)?.Layer ?? new LayerState(scope, 0, null);
}

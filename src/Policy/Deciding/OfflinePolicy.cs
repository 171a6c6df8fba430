namespace Handrail.Policy;

/// <summary>
/// What a client answers by the policy it last fetched while it can't reach the console. It never lets go what the console would hold back for the same policy: budgets,
/// figures of the session, the tools it has used and reviews that breakers order are known to the console alone, and what hangs on them goes to a person, so it waits.
/// </summary>
public sealed class OfflinePolicy
{
    /// <summary>For how many seconds a policy may be answered by where no layer says.</summary>
    public const int DefaultMaxAgeSeconds = 900;

    private const string Scope = "client";

    /// <summary>Unknown to every client, so that a condition over it is unknown.</summary>
    private static readonly Comparison Unknown = new("session.cost_usd", Operator.Gt, [Scalar.Of(0m)]);

    private readonly IReadOnlyList<PolicyLayer> _layers;
    private readonly IReadOnlyList<PolicyDocument> _documents;

    /// <summary>Makes the layers ready to be decided by without the console.</summary>
    /// <param name="layers">All that rule the agent.</param>
    public OfflinePolicy(IReadOnlyList<PolicyLayer> layers)
    {
        _documents = [.. layers.Select(layer => layer.Document)];
        _layers = [.. layers.Select(layer => new PolicyLayer(layer.Scope, layer.Version, WithoutFigures(layer.Document)))];
        var settings = _documents.Select(document => document.Offline).ToList();

        // Of the modes that are stated the most restrictive; where none is, nothing goes.
        Mode = settings.Min(offline => offline.Mode) ?? OfflineMode.Deny;
        MaxAge = TimeSpan.FromSeconds(settings.Min(offline => offline.MaxAgeSeconds) ?? DefaultMaxAgeSeconds);
    }

    /// <summary>How the client answers.</summary>
    public OfflineMode Mode { get; }

    /// <summary>For how long after it was last known to be in force the policy decides in mode <see cref="OfflineMode.Policy"/>.</summary>
    public TimeSpan MaxAge { get; }

    /// <summary>
    /// Decides by the policy. <see cref="Verdict.Review"/> means that only the console or a person can say, so the action waits; every other verdict is the console's too,
    /// or what it would say is stricter.
    /// </summary>
    /// <param name="action">What the agent asks leave to do.</param>
    /// <param name="sessionId">Its session.</param>
    /// <param name="now">The moment by the console's clock.</param>
    public PolicyDecision Decide(ActionRequest action, string sessionId, DateTimeOffset now)
    {
        var decision = Gate.Decide(_layers, action, new(sessionId), now);
        if (decision.Verdict > Verdict.Review) return decision;
        var unknown = Unknowable(action).ToList();
        return unknown.Count == 0 ? decision : decision with
        {
            Verdict = Verdict.Review,
            WouldBe = Verdict.Review,
            Reasons = [.. unknown, .. decision.Reasons],
            Reservations = [],
            Sampled = false,
        };
    }

    private IEnumerable<Reason> Unknowable(ActionRequest action)
    {
        var tool = action.Tool is { } name ? ComparableText.Of(name) : null;
        var labels = tool is null ? null : _documents.SelectMany(document => document.Tools).Where(entry => ComparableText.Of(entry.Name) == tool)
            .SelectMany(entry => entry.Labels).Select(ComparableText.Of).ToHashSet(StringComparer.Ordinal);
        foreach (var document in _documents)
        {
            if (document.Taint.Any(row => labels is null || row.Block.Any(label => labels.Contains(ComparableText.Of(label)))))
                yield return new("offline:taint", Verdict.Review, "Which tools the session has used only the console knows for certain, and some put this one out of its reach", Scope);
            foreach (var breaker in document.Breakers)
            {
                if (breaker.Then == BreakerOutcome.Review || (breaker.Metric == BreakerMetric.AllowedAmount && breaker.Then != BreakerOutcome.Alert))
                    yield return new($"breaker:{breaker.Id}", Verdict.Review, $"Whether breaker {breaker.Id} has tripped only the console knows", Scope);
            }
        }
    }

    /// <summary>Whatever speaks of the session becomes unknown, also where its lack would be overlooked.</summary>
    private static PolicyDocument WithoutFigures(PolicyDocument document) => document with
    {
        Rules = document.Rules.Select(rule => rule with { When = WithoutFigures(rule.When) }).ToValueList(),
        Guarantees = document.Guarantees.Select(guarantee => guarantee with { NeverAllow = WithoutFigures(guarantee.NeverAllow) }).ToValueList(),
    };

    private static Condition WithoutFigures(Condition condition) => condition switch
    {
        AllOf all => new AllOf(all.Parts.Select(WithoutFigures).ToValueList()),
        AnyOf any => new AnyOf(any.Parts.Select(WithoutFigures).ToValueList()),
        Not not => new Not(WithoutFigures(not.Part)),
        Comparison { Field: var field } when field.StartsWith("session.", StringComparison.Ordinal) => Unknown,
        _ => condition,
    };
}

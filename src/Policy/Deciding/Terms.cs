namespace Handrail.Policy;

/// <summary>Merges the layers' review settings: of each, the most restrictive.</summary>
internal static class Terms
{
    /// <summary>How long a person has where no layer says: the four hours that the reference policy of the design names.</summary>
    private const int DefaultTimeoutSeconds = 14_400;

    public static ReviewTerms Of(IReadOnlyList<PolicyLayer> layers, scoped ref Subject subject)
    {
        var approvals = 1;
        var forbidSelf = false;
        int? seconds = null;
        TimeoutOutcome? onTimeout = null;
        string? escalateTo = null;
        for (var i = 0; i < layers.Count; i++)
        {
            var review = layers[i].Document.Review;
            approvals = Math.Max(approvals, Math.Max(review.Approvals ?? 1, NeedsTwo(review, layers[i], subject) ? 2 : 1));
            forbidSelf |= review.ForbidSelfApproval == true;
            if (review.TimeoutSeconds is { } given && !(given >= seconds)) seconds = given;
            if (review.OnTimeout is { } outcome && !(outcome <= onTimeout)) onTimeout = outcome;
            escalateTo ??= review.EscalateTo;
        }

        var settled = onTimeout ?? TimeoutOutcome.Reject;
        return new(
            approvals,
            forbidSelf,
            settled == TimeoutOutcome.Hold ? null : TimeSpan.FromSeconds(seconds ?? DefaultTimeoutSeconds),
            settled,
            settled == TimeoutOutcome.Escalate ? escalateTo : null);
    }

    /// <summary>
    /// By the risk as all layers see it or as this one does by itself, whichever is worse. An amount in another currency than the threshold's can't be compared with it, and
    /// needs two people too.
    /// </summary>
    private static bool NeedsTwo(ReviewSettings review, PolicyLayer layer, scoped in Subject subject) =>
        subject.Risk >= review.TwoPersonRisk
        || (review.TwoPersonRisk is { } least && subject.RiskAs(layer) >= least)
        || (review.TwoPersonOver is { } over && subject.Action.Amount is { } amount
            && (amount > over.Amount || subject.Action.Currency is null || !subject.Currency.SequenceEqual(layer.Policy.TwoPersonCurrency)));
}

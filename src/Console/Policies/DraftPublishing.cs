using Handrail.Access;
using Handrail.Store;

namespace Handrail.Policies;

/// <summary>Publishes drafts, one at a time; one that is refused stays and says why.</summary>
public sealed class DraftPublishing(PublishPolicy publish)
{
    public bool Busy { get; private set; }

    /// <returns>The new version; null when it was refused, and the draft says why.</returns>
    public async Task<int?> PublishAsync(Caller caller, LayerDraft draft)
    {
        if (Busy || draft is not { Newer: null, Document: { } document } || string.IsNullOrWhiteSpace(draft.Reason))
        {
            return null;
        }

        Busy = true;
        try
        {
            var published = await publish.HandleAsync(
                caller, draft.Start.Scope, JsonText.Element(document.ToJson())!.Value, draft.Start.Version, draft.Reason.Trim(), CancellationToken.None);
            return published.Version;
        }
        catch (Refusal refusal)
        {
            draft.Refuse(refusal);
            return null;
        }
        finally
        {
            Busy = false;
        }
    }

    /// <summary>Publishes an old version again.</summary>
    /// <param name="inForce">The version that the person saw in force.</param>
    /// <exception cref="Refusal">No right, somebody published meanwhile, or a guarantee that would not hold.</exception>
    public Task RollBackAsync(Caller caller, string scope, int version, string reason, int inForce) =>
        publish.RollBackAsync(caller, scope, version, reason, inForce, CancellationToken.None);
}

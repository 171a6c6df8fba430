using Handrail.Access;
using Handrail.Audit;
using Handrail.Live;
using Handrail.Store;
using Microsoft.EntityFrameworkCore;

namespace Handrail.Sessions;

/// <summary>
/// Takes a key away from an agent that does not obey. Whoever may control may do so as long as an order of theirs stands unacknowledged; at any other time keys are an
/// administrator's.
/// </summary>
public sealed class RevokeSessionKey(HandrailStore store)
{
    /// <exception cref="Refusal">No right, no such session, no such key of the session's agent, or the agent obeys.</exception>
    public Task HandleAsync(Caller caller, string sessionId, string keyId, string reason, CancellationToken cancel)
    {
        if (!caller.May(Permission.Administer))
        {
            caller.DemandSomewhere(Permission.Control);
        }

        return store.WriteAsync(
            async unit =>
            {
                var session = await unit.Db.LockKnownSessionAsync(caller, sessionId, cancel);
                if (!caller.May(Permission.Administer))
                {
                    await unit.Db.DemandForSessionAsync(caller, Permission.Control, session, cancel);
                }

                var standing = await ObedienceQueries.UnobeyedAsync(unit.Db, session, unit.Now, cancel);
                if (standing is null && !caller.May(Permission.Administer))
                {
                    throw Refusal.Conflict("The agent owes no order an acknowledgement: its keys are an administrator's to revoke.", SessionAnswer.Of(session));
                }

                if ((await ObedienceQueries.KeysAsync(unit.Db, session, unit.Now, cancel)).All(k => k.Id != keyId))
                {
                    throw Refusal.NotFound($"key '{keyId}' of the agent '{session.Agent}'");
                }

                await unit.Db.AgentKeys.Where(k => k.Id == keyId).ExecuteUpdateAsync(set => set.SetProperty(k => k.RevokedAt, k => k.RevokedAt ?? unit.Now), cancel);
                unit.Record(new AuditEntry(caller, "key.revoke", $"key:{keyId}") { Reason = reason, Tightens = true, After = new { session = session.Id, order = standing?.Order.Seq } });
                unit.Tell(HintKind.AgentKey, keyId);
                unit.Tell(HintKind.Session, session.Id);
            },
            cancel);
    }
}

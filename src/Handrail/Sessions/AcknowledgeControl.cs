using Handrail.Access;
using Handrail.Live;
using Handrail.Store;
using Microsoft.EntityFrameworkCore;

namespace Handrail.Sessions;

/// <summary>An agent says that it obeyed everything up to a number.</summary>
public sealed class AcknowledgeControl(HandrailStore store)
{
    /// <exception cref="Refusal">No such session for this caller, or a number that no command of the session has.</exception>
    public Task<Session> HandleAsync(Caller caller, string sessionId, long seq, CancellationToken cancel)
    {
        caller.Demand(Permission.ActAsAgent);
        return store.WriteAsync(
            async unit =>
            {
                var session = await unit.Db.LockKnownSessionAsync(caller, sessionId, cancel);
                var commands = await ControlQueries.Concerning(unit.Db, session).Where(c => c.Seq <= seq).ToListAsync(cancel);
                if (!commands.Any(c => c.Seq == seq))
                {
                    throw Refusal.Invalid("seq", $"is no command of the session '{session.Id}'.");
                }

                var receipts = await unit.Db.ControlReceipts.Where(r => r.SessionId == session.Id).ToDictionaryAsync(r => r.Seq, cancel);
                foreach (var command in commands)
                {
                    if (!receipts.TryGetValue(command.Seq, out var receipt))
                    {
                        receipt = new ControlReceipt { SessionId = session.Id, Seq = command.Seq, DeliveredAt = unit.Now };
                        unit.Db.ControlReceipts.Add(receipt);
                    }

                    receipt.AcknowledgedAt ??= unit.Now;
                }

                if (session.Control == ControlState.Stopped && commands.Any(c => c.Kind == ControlKind.Stop))
                {
                    session.StopAcknowledged = true;
                    session.Restate();
                }

                unit.Tell(HintKind.Session, session.Id);
                return session;
            },
            cancel);
    }
}

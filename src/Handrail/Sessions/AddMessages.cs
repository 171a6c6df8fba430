using Handrail.Access;
using Handrail.Content;
using Handrail.Live;
using Handrail.Store;
using Microsoft.EntityFrameworkCore;

namespace Handrail.Sessions;

/// <summary>How many lines of a request were new.</summary>
public sealed record MessageReceipt(string SessionId, int Accepted, int Duplicates);

/// <summary>Lines for the live transcript. A line sent again under its id counts once.</summary>
public sealed class AddMessages(HandrailStore store, ContentRules rules)
{
    /// <exception cref="Refusal">There is no such session for this caller.</exception>
    public async Task<MessageReceipt> HandleAsync(Caller caller, string sessionId, IReadOnlyList<TranscriptLine> lines, CancellationToken cancel)
    {
        caller.Demand(Permission.ActAsAgent);
        var redaction = await rules.RedactionAsync(cancel);
        return await store.WriteAsync(
            async unit =>
            {
                var session = await unit.Db.LockKnownSessionAsync(caller, sessionId, cancel);
                var ids = lines.Select(l => l.Id).ToList();
                var known = await unit.Db.Messages.Where(m => m.SessionId == session.Id && ids.Contains(m.Id)).Select(m => m.Id).ToHashSetAsync(StringComparer.Ordinal, cancel);
                var fresh = lines.Where(l => known.Add(l.Id)).ToList();
                unit.Db.Messages.AddRange(fresh.Select(l => new TranscriptMessage { SessionId = session.Id, Id = l.Id, Role = l.Role, Text = redaction.Redact(l.Text)!, At = l.At }));
                session.Touch(unit.Now);
                unit.Tell(HintKind.Session, session.Id);
                return new MessageReceipt(session.Id, fresh.Count, lines.Count - fresh.Count);
            },
            cancel);
    }
}

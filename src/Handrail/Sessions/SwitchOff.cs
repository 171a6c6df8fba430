using System.Linq.Expressions;
using Handrail.Access;
using Handrail.Actions;
using Handrail.Audit;
using Handrail.Handoffs;
using Handrail.Live;
using Handrail.Notify;
using Handrail.Policy;
using Handrail.Store;
using Microsoft.EntityFrameworkCore;

namespace Handrail.Sessions;

/// <summary>
/// Switches one tool or one action type off, or on again, over the whole fleet. From the next answer on the gate of every process denies it; what of it waits for a
/// person, or was let go and is not claimed, is void for good.
/// </summary>
public sealed class SwitchOff(HandrailStore store)
{
    public const string Tool = "tool";
    public const string Type = "type";

    /// <summary>The longest name, in letters.</summary>
    public const int LongestName = 200;

    /// <param name="what"><see cref="Tool"/> or <see cref="Type"/>.</param>
    /// <param name="name">Compared as policies compare: what was switched off as "SMTP" is switched on as "smtp".</param>
    /// <exception cref="Refusal">No right, or no name.</exception>
    public Task HandleAsync(Caller caller, string what, string name, string reason, bool off, CancellationToken cancel)
    {
        caller.Demand(Permission.Control);
        var comparable = ComparableText.Of(name);
        if (comparable.Length == 0 || name.Length > LongestName)
        {
            throw Refusal.Invalid(what, FormattableString.Invariant($"must be a name of at most {LongestName} letters."));
        }

        return store.WriteAsync(
            async unit =>
            {
                // Decisions and claims hold this row: none of them crosses the order unseen.
                await unit.Db.ScopeControls.AsNoTracking().Where(c => c.Scope == Scopes.Fleet).ForUpdate().Select(c => c.Scope).ToListAsync(cancel);
                var rows = (await unit.Db.Disabled.Where(d => d.What == what).ToListAsync(cancel)).FindAll(d => ComparableText.Of(d.Name) == comparable);
                if (off == rows.Count > 0)
                {
                    return;
                }

                if (off)
                {
                    unit.Db.Disabled.Add(new Disabled { What = what, Name = name, Reason = reason, By = caller.Name, Since = unit.Now });
                }
                else
                {
                    unit.Db.Disabled.RemoveRange(rows);
                }

                await Commands.AppendAsync(
                    unit, Scopes.Fleet, off ? ControlKind.Disable : ControlKind.Enable, caller.Name, reason, JsonText.Of(new Dictionary<string, string> { [what] = name }), cancel);
                if (off)
                {
                    await VoidAsync(unit, what, comparable, caller.Name, $"The {what} '{name}' was switched off over the whole fleet: {reason}", cancel);
                }

                Notices.Switched(unit, what, name, off, caller.Name);
                unit.Record(new AuditEntry(caller, off ? "fleet.disable" : "fleet.enable", $"{what}:{name}") { Reason = reason, Tightens = off, Before = new { off = !off }, After = new { off } });
                unit.Tell(HintKind.Agent, Scopes.Fleet);
            },
            cancel);
    }

    private static async Task VoidAsync(UnitOfWork unit, string what, string comparable, string by, string why, CancellationToken cancel)
    {
        var (db, since) = (unit.Db, unit.Now - ActionGate.CarryOutWithin);

        // Each by its own index: what waits, what people let go, what policy let go by itself. How a name was spelled only this process can compare.
        var waiting = db.Handoffs.Where(h => h.Kind == HandoffKind.Approval && h.Status == HandoffStatus.Open);
        var approved = db.Handoffs.Where(h => h.Kind == HandoffKind.Approval && h.Status == HandoffStatus.Approved && h.DecidedAt > since);
        var found = new List<(string Session, string? Name)>();
        foreach (var handoffs in new[] { waiting, approved })
        {
            var asked = await handoffs.Join(
                db.Actions, h => new { h.SessionId, Id = h.ActionId! }, a => new { a.SessionId, Id = a.ActionId }, (h, a) => new { a.SessionId, a.Tool, a.Type }).ToListAsync(cancel);
            found.AddRange(asked.Select(a => (a.SessionId, what == Tool ? a.Tool : a.Type)));
        }

        var allowed = await db.Actions.Where(a => a.RequestedAt > since && a.Status == ActionStatus.Allowed && a.Execution == ActionExecution.None)
            .Select(a => new { a.SessionId, a.Tool, a.Type }).ToListAsync(cancel);
        found.AddRange(allowed.Select(a => (a.SessionId, what == Tool ? a.Tool : a.Type)));
        found.RemoveAll(f => f.Name is null || ComparableText.Of(f.Name) != comparable);
        if (found.Count == 0)
        {
            return;
        }

        var sessions = found.Select(f => f.Session).Distinct(StringComparer.Ordinal).ToList();
        var names = found.Select(f => f.Name).Distinct(StringComparer.Ordinal).ToList();
        Expression<Func<GatedAction, bool>> actions = what == Tool
            ? a => EF.Parameter(sessions).Contains(a.SessionId) && EF.Parameter(names).Contains(a.Tool)
            : a => EF.Parameter(sessions).Contains(a.SessionId) && EF.Parameter(names).Contains(a.Type);
        var ofThem = db.Actions.Where(actions);
        await ControlScope.RecountAsync(
            unit,
            await Voiding.CancelAsync(
                unit,
                actions,
                h => h.Kind == HandoffKind.Approval && EF.Parameter(sessions).Contains(h.SessionId) && ofThem.Any(a => a.SessionId == h.SessionId && a.ActionId == h.ActionId),
                by, why, cancel),
            cancel);
        foreach (var session in sessions)
        {
            unit.Tell(HintKind.Session, session);
        }
    }
}

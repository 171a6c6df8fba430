using Handrail.Live;
using Handrail.Store;
using Microsoft.EntityFrameworkCore;

namespace Handrail.Sessions;

/// <summary>Appends control commands under one sequence for all scopes.</summary>
internal static class Commands
{
    /// <summary>
    /// An advisory lock of PostgreSQL: numbers are given in the order of commits, so that whoever asks for everything after a
    /// number can't miss one that commits later.
    /// </summary>
    private const long SequenceLock = 0x48_41_4E_44_43_54_52;

    public static async Task<ControlCommand> AppendAsync(
        UnitOfWork unit, string scope, ControlKind kind, string by, string? reason, string? payloadJson, CancellationToken cancel)
    {
        if (unit.Db.Database.IsNpgsql())
        {
            await unit.Db.Database.ExecuteSqlAsync($"select pg_advisory_xact_lock({SequenceLock})", cancel);
        }

        var command = new ControlCommand
        {
            Seq = (await unit.Db.ControlCommands.MaxAsync(c => (long?)c.Seq, cancel) ?? 0) + 1,
            Scope = scope,
            Kind = kind,
            By = by,
            Reason = reason,
            At = unit.Now,
            PayloadJson = payloadJson,
        };
        unit.Db.ControlCommands.Add(command);
        await unit.Db.SaveChangesAsync(cancel);
        unit.Tell(HintKind.Control, scope);
        return command;
    }
}

using Handrail.Store;
using Microsoft.EntityFrameworkCore;

namespace Handrail.Sessions;

/// <summary>A tool or an action type that is switched off over the whole fleet, for agents and for people.</summary>
/// <param name="Tool">Null where it is a type.</param>
/// <param name="Type">Null where it is a tool.</param>
public sealed record SwitchedOffReading(string? Tool, string? Type, string Reason, string By, DateTimeOffset Since)
{
    internal static async Task<IReadOnlyList<SwitchedOffReading>> ReadAsync(HandrailDb db, CancellationToken cancel)
    {
        var off = await db.Disabled.AsNoTracking().OrderBy(d => d.Since).ToListAsync(cancel);
        return off.ConvertAll(d => new SwitchedOffReading(d.What == SwitchOff.Tool ? d.Name : null, d.What == SwitchOff.Tool ? null : d.Name, d.Reason, d.By, d.Since));
    }
}

/// <summary>Names that agents lately used, for whoever has one to switch off.</summary>
public sealed record NamesInUse(IReadOnlyList<string> Tools, IReadOnlyList<string> Types);

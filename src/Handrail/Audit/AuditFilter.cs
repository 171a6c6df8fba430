namespace Handrail.Audit;

/// <summary>What a list of records is narrowed by; null members narrow nothing.</summary>
/// <param name="Act">One act; ending in <c>.*</c>, all acts of that kind.</param>
/// <param name="Since">The first moment.</param>
/// <param name="Until">The first moment that is not meant any more.</param>
public sealed record AuditFilter(string? Actor, string? Act, string? Target, DateTimeOffset? Since, DateTimeOffset? Until)
{
    internal IQueryable<AuditRecord> Narrow(IQueryable<AuditRecord> rows)
    {
        if (Actor is { } actor)
        {
            rows = rows.Where(r => r.Actor == actor);
        }

        if (Act is { } act)
        {
            var kind = act.EndsWith(".*", StringComparison.Ordinal) ? act[..^1] : null;
            rows = kind is null ? rows.Where(r => r.Act == act) : rows.Where(r => r.Act.StartsWith(kind));
        }

        if (Target is { } target)
        {
            rows = rows.Where(r => r.Target == target);
        }

        if (Since is { } since)
        {
            rows = rows.Where(r => r.At >= since);
        }

        return Until is { } until ? rows.Where(r => r.At < until) : rows;
    }
}

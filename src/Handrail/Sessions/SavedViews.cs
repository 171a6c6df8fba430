using Handrail.Access;
using Handrail.Audit;
using Handrail.Store;
using Microsoft.EntityFrameworkCore;

namespace Handrail.Sessions;

/// <summary>Views of a page, with its filters, that a person gave names to. Everybody's are their own.</summary>
public sealed class SavedViews(HandrailStore store)
{
    private const int MostViews = 50;
    private const int LongestName = 80;
    private const int LongestQuery = 2_000;

    /// <summary>The caller's views of a page, by name.</summary>
    public Task<List<SavedView>> ListAsync(Caller caller, string page, CancellationToken cancel) => store.ReadAsync(
        db => db.SavedViews.Where(v => v.PersonId == caller.Id && v.Page == page).OrderBy(v => v.Name).ToListAsync(cancel), cancel);

    /// <summary>Keeps a view; one of that name is replaced.</summary>
    /// <exception cref="Refusal">No name, or too many views.</exception>
    public Task SaveAsync(Caller caller, string page, string name, string query, CancellationToken cancel)
    {
        caller.DemandSomewhere(Permission.View);
        name = name.Trim();
        if (name.Length is 0 or > LongestName || name.Any(char.IsControl))
        {
            throw Refusal.Invalid("name", $"must have 1 to {LongestName} characters.");
        }

        if (query.Length > LongestQuery)
        {
            throw Refusal.Invalid("query", $"is longer than {LongestQuery} characters.");
        }

        return store.WriteAsync(
            async unit =>
            {
                var views = await unit.Db.SavedViews.Where(v => v.PersonId == caller.Id && v.Page == page).ToListAsync(cancel);
                var known = views.Find(v => v.Name == name);
                if (known?.Query == query)
                {
                    return;
                }

                unit.Record(new AuditEntry(caller, "view.save", $"view:{page}/{name}") { Before = known is null ? null : new { query = known.Query }, After = new { query } });
                if (known is not null)
                {
                    known.Query = query;
                    return;
                }

                if (views.Count >= MostViews)
                {
                    throw Refusal.Conflict($"You have {MostViews} views already; remove one first.");
                }

                unit.Db.SavedViews.Add(new SavedView { PersonId = caller.Id, Page = page, Name = name, Query = query, CreatedAt = unit.Now });
            },
            cancel);
    }

    public Task RemoveAsync(Caller caller, string page, string name, CancellationToken cancel) => store.WriteAsync(
        async unit =>
        {
            if (await unit.Db.SavedViews.SingleOrDefaultAsync(v => v.PersonId == caller.Id && v.Page == page && v.Name == name, cancel) is { } view)
            {
                unit.Db.SavedViews.Remove(view);
                unit.Record(new AuditEntry(caller, "view.remove", $"view:{page}/{name}") { Before = new { query = view.Query } });
            }
        },
        cancel);
}

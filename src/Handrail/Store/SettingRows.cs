using Microsoft.EntityFrameworkCore;

namespace Handrail.Store;

/// <summary>How a setting is changed: its row held, its version moved on.</summary>
internal static class SettingRows
{
    /// <summary>Holds the row until the transaction ends; null where nothing was set yet.</summary>
    public static Task<Setting?> LockSettingAsync(this HandrailDb db, string key, CancellationToken cancel) =>
        db.Settings.Where(s => s.Key == key).ForUpdate().SingleOrDefaultAsync(cancel);

    /// <param name="row">As <see cref="LockSettingAsync"/> gave it.</param>
    /// <returns>The row as it will stand.</returns>
    public static Setting Set(this UnitOfWork unit, Setting? row, string key, string json, string by)
    {
        if (row is null)
        {
            unit.Db.Settings.Add(row = new Setting { Key = key, Json = "", ChangedBy = by });
        }

        (row.Json, row.Version, row.ChangedAt, row.ChangedBy) = (json, row.Version + 1, unit.Now, by);
        return row;
    }
}

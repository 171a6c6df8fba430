using Handrail.Store;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Design;

namespace Handrail.Migrations.Sqlite;

/// <summary>What <c>dotnet ef</c> makes migrations with; no database is opened.</summary>
public sealed class DesignTimeFactory : IDesignTimeDbContextFactory<HandrailDb>
{
    public HandrailDb CreateDbContext(string[] args)
    {
        var options = new DbContextOptionsBuilder<HandrailDb>();
        StoreSetup.Configure(options, new StoreSettings(DatabaseProvider.Sqlite, "Data Source=design.db"));
        return new HandrailDb(options.Options);
    }
}

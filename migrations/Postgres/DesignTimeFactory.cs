using Handrail.Store;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Design;

namespace Handrail.Migrations.Postgres;

/// <summary>What <c>dotnet ef</c> makes migrations with; no database is opened.</summary>
public sealed class DesignTimeFactory : IDesignTimeDbContextFactory<HandrailDb>
{
    public HandrailDb CreateDbContext(string[] args)
    {
        var options = new DbContextOptionsBuilder<HandrailDb>();
        StoreSetup.Configure(options, new StoreSettings(DatabaseProvider.Postgres, "Host=design;Database=design"));
        return new HandrailDb(options.Options);
    }
}

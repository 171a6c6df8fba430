using Handrail.Testing;
using Microsoft.EntityFrameworkCore;
using Xunit;

namespace Handrail.Store;

public sealed class MigrationTests
{
    [Theory, Databases]
    public async Task The_migrations_make_the_model_and_nothing_is_left_to_migrate(DatabaseProvider provider)
    {
        await using var database = await TestDatabase.CreateAsync(provider);
        var options = new DbContextOptionsBuilder<HandrailDb>();
        StoreSetup.Configure(options, database.Settings);
        await using var db = new HandrailDb(options.Options);

        Assert.NotEmpty(await db.Database.GetAppliedMigrationsAsync());
        Assert.Empty(await db.Database.GetPendingMigrationsAsync());
        Assert.False(db.Database.HasPendingModelChanges(), "The model changed and no migration says so: run migrations/add NAME.");
    }

    [Theory, Databases]
    public async Task Every_test_gets_a_database_that_no_other_test_wrote_to(DatabaseProvider provider)
    {
        await using var one = await TestDatabase.CreateAsync(provider);
        await using var other = await TestDatabase.CreateAsync(provider);

        Assert.NotEqual(one.ConnectionString, other.ConnectionString);
    }
}

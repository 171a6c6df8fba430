using Bunit;
using Handrail.Access;
using Handrail.Grants;
using Handrail.Health;
using Handrail.Ingest;
using Handrail.Store;
using Handrail.Testing;
using Xunit;

namespace Handrail.Pages;

/// <summary>The page that says what the console promises is true to the repository and to the database it stands on.</summary>
public sealed class GuaranteesPageTests : PageContext
{
    protected override string Role => Permissions.Viewer;

    [Fact]
    public void It_shows_the_databases_settings_as_they_are_and_every_promise_with_its_proof()
    {
        var page = Open<GuaranteesPage>();
        page.WaitForAssertion(() => Assert.Contains("The database keeps what is acknowledged", page.Markup, StringComparison.Ordinal));
        Assert.Equal(["synchronous = 2", "journal_mode = wal"], page.FindAll("dt code").Select(c => c.TextContent));
        Assert.Equal(Guarantee.Of(DatabaseProvider.Sqlite, new IngestSettings(), new GrantSettings()).Count, page.FindAll(".promises li").Count);
        Assert.All(page.FindAll(".promises li"), li => Assert.NotEmpty(li.QuerySelectorAll("code")));
        Assert.Empty(page.FindAll(".broken"));
    }

    [Fact]
    public void Every_test_that_it_names_is_there()
    {
        var sources = Directory.EnumerateFiles(Path.Combine(Repository.Root, "tests"), "*.cs", SearchOption.AllDirectories).Select(Path.GetFileNameWithoutExtension).ToHashSet(StringComparer.Ordinal);
        var named = new[] { DatabaseProvider.Sqlite, DatabaseProvider.Postgres }.SelectMany(d => Guarantee.Of(d, new IngestSettings(), new GrantSettings())).SelectMany(g => g.Tests).Distinct();
        Assert.All(named, test => Assert.Contains(test, sources));
    }
}

/// <summary>The same page for somebody whom nobody gave a role.</summary>
public sealed class GuaranteesPageRefused : PageContext
{
    protected override string Role => "None";

    [Fact]
    public void Who_has_no_role_is_told_so()
    {
        var page = Open<GuaranteesPage>();
        page.WaitForAssertion(() => Assert.Contains("This page is not for you", page.Markup, StringComparison.Ordinal));
    }
}

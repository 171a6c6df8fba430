using System.Reflection;
using Handrail.Store;
using Xunit;
using Xunit.Sdk;
using Xunit.v3;

namespace Handrail.Testing;

/// <summary>Runs a theory on both databases. Where PostgreSQL is not installed its half is skipped, visibly.</summary>
/// <param name="more">The theory's arguments after the <see cref="DatabaseProvider"/>.</param>
[AttributeUsage(AttributeTargets.Method, AllowMultiple = true)]
public sealed class DatabasesAttribute(params object[] more) : DataAttribute
{
    public override ValueTask<IReadOnlyCollection<ITheoryDataRow>> GetData(MethodInfo testMethod, DisposalTracker disposalTracker) => new(
    [
        new TheoryDataRow([DatabaseProvider.Sqlite, .. more]),
        new TheoryDataRow([DatabaseProvider.Postgres, .. more]) { Skip = PrivatePostgres.Missing },
    ]);

    public override bool SupportsDiscoveryEnumeration() => true;
}

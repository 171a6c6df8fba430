namespace Handrail.Store;

/// <summary>Which database holds the state: embedded by default, PostgreSQL in production.</summary>
public enum DatabaseProvider
{
    Sqlite,
    Postgres,
}

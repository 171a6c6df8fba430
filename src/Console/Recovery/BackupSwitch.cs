using Handrail.Shell;
using Microsoft.Data.Sqlite;

namespace Handrail.Recovery;

/// <summary>
/// <c>--backup FILE</c>: copies the SQLite database while the console runs on it, as it stands at one moment. (PostgreSQL's own <c>pg_dump</c> does that
/// for a console on PostgreSQL.)
/// </summary>
public static class BackupSwitch
{
    private const string Switch = "--backup";

    public static bool IsAsked(string[] args) => args is [Switch, ..];

    /// <returns>The exit code: 0 for a whole copy, 1 for none, 2 for a wrong call.</returns>
    public static async Task<int> RunAsync(string[] args, TextWriter output, TextWriter errors)
    {
        if (args is not [Switch, { Length: > 0 } target, ..] || target.StartsWith('-'))
        {
            await errors.WriteLineAsync($"usage: {Switch} FILE [--Data:Directory=FOLDER]");
            return 2;
        }

        var configuration = new ConfigurationBuilder().AddEnvironmentVariables().AddCommandLine(args[2..]).Build();
        var source = Path.Combine(Setup.DataDirectory(configuration), "handrail.db");
        if (!File.Exists(source) || File.Exists(target))
        {
            await errors.WriteLineAsync(File.Exists(target) ? $"{target} is there already." : $"There is no {source}: name the console's data folder with --Data:Directory.");
            return 1;
        }

        // Beside it first: what has the name of a backup is whole.
        var beside = target + ".new";
        try
        {
            File.Delete(beside);
            await using (var from = new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = source, Mode = SqliteOpenMode.ReadWrite, Pooling = false, DefaultTimeout = 60 }.ToString()))
            await using (var to = new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = beside, Pooling = false }.ToString()))
            {
                await from.OpenAsync();
                await to.OpenAsync();
                from.BackupDatabase(to);
                await using var check = new SqliteCommand("PRAGMA journal_mode=DELETE; PRAGMA quick_check(1)", to);
                await using var told = await check.ExecuteReaderAsync();
                await told.ReadAsync();
                await told.NextResultAsync();
                if (!await told.ReadAsync() || told.GetString(0) != "ok")
                {
                    await errors.WriteLineAsync("The copy is damaged, as the database may be.");
                    return 1;
                }
            }

            await using (var written = new FileStream(beside, FileMode.Open, FileAccess.ReadWrite))
            {
                written.Flush(flushToDisk: true);
            }

            File.Move(beside, target);
            await output.WriteLineAsync($"{source} is copied to {target}.");
            return 0;
        }
        catch (Exception e) when (e is SqliteException or IOException or UnauthorizedAccessException)
        {
            await errors.WriteLineAsync($"No backup was made: {e.Message}");
            return 1;
        }
    }
}

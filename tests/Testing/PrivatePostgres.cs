using System.Diagnostics;
using Npgsql;

namespace Handrail.Testing;

/// <summary>
/// A PostgreSQL of our own for the tests of one process: on a socket in a folder of its own, without a port, gone when the process
/// ends. PostgreSQL refuses to run as root: then it runs as another user.
/// </summary>
public sealed class PrivatePostgres
{
    private static readonly Lazy<Task<PrivatePostgres>> Shared = new(() => StartAsync(durable: false));
    private static readonly Lazy<string?> Found = new(Find);

    private readonly string _folder;
    private readonly string? _user;
    private int _databases;

    private PrivatePostgres(string folder, string? user) => (_folder, _user) = (folder, user);

    /// <summary>Null where the binaries are, else what is missing.</summary>
    public static string? Missing => Found.Value is null ? "PostgreSQL's binaries (initdb, pg_ctl) are not installed; tests/run installs them." : null;

    /// <summary>The process's own cluster, started when it is first asked for; not durable, and so fast.</summary>
    public static Task<PrivatePostgres> SharedAsync() => Shared.Value;

    /// <summary>A cluster for one purpose.</summary>
    /// <param name="durable">Commits reach the disk, as in production: for measurements and faults.</param>
    public static async Task<PrivatePostgres> StartAsync(bool durable)
    {
        var bin = Found.Value ?? throw new InvalidOperationException(Missing);
        RemoveLeftovers();

        // Short, because a socket's path has at most 107 characters.
        var folder = Path.Combine("/tmp", $"hrpg-{Environment.ProcessId}-{Guid.NewGuid():N}"[..26]);
        Directory.CreateDirectory(folder);
        var user = Environment.UserName == "root" ? await OtherUserAsync() : null;
        if (user is not null)
        {
            await RunAsync(null, folder, "chown", user, folder);
        }

        var cluster = new PrivatePostgres(folder, user);
        await RunAsync(user, folder, Path.Combine(bin, "initdb"), "-D", folder + "/data", "-U", "test", "-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync", "--no-instructions");
        var speed = durable ? "" : " -c fsync=off -c synchronous_commit=off -c full_page_writes=off";
        await RunAsync(
            user, folder, Path.Combine(bin, "pg_ctl"), "-D", folder + "/data", "-l", folder + "/log", "-w", "-o",
            $"-c listen_addresses= -k {folder} -c max_connections=300{speed}", "start");
        AppDomain.CurrentDomain.ProcessExit += (_, _) => cluster.Stop();
        return cluster;
    }

    /// <summary>A new, empty database.</summary>
    /// <returns>Its connection string.</returns>
    public Task<string> CreateDatabaseAsync(string? template = null) => CreateAsync($"t{Interlocked.Increment(ref _databases)}", template);

    public string ConnectionString(string database) => $"Host={_folder};Username=test;Database={database};Maximum Pool Size=60;Include Error Detail=true";

    public async Task<string> CreateAsync(string name, string? template)
    {
        await using var connection = new NpgsqlConnection($"Host={_folder};Username=test;Database=postgres;Pooling=false");
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand($"create database {name}" + (template is null ? "" : $" template {template}"), connection);
        await command.ExecuteNonQueryAsync();
        return ConnectionString(name);
    }

    public async Task DropAsync(string connectionString)
    {
        var name = new NpgsqlConnectionStringBuilder(connectionString).Database;
        await using (var own = new NpgsqlConnection(connectionString))
        {
            NpgsqlConnection.ClearPool(own);
        }

        await using var connection = new NpgsqlConnection($"Host={_folder};Username=test;Database=postgres;Pooling=false");
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand($"drop database if exists {name} with (force)", connection);
        await command.ExecuteNonQueryAsync();
    }

    /// <summary>Stops the cluster at once and removes its folder.</summary>
    public void Stop()
    {
        if (Directory.Exists(_folder))
        {
            RunAsync(_user, _folder, Path.Combine(Found.Value!, "pg_ctl"), "-D", _folder + "/data", "-m", "immediate", "stop").GetAwaiter().GetResult();
            Directory.Delete(_folder, recursive: true);
        }
    }

    /// <summary>Stops the cluster, keeping its data, as an operator's restart does.</summary>
    public Task PauseAsync() => RunAsync(_user, _folder, Path.Combine(Found.Value!, "pg_ctl"), "-D", _folder + "/data", "-m", "fast", "-w", "stop");

    private static string? Find()
    {
        var installed = Directory.Exists("/usr/lib/postgresql")
            ? Directory.GetDirectories("/usr/lib/postgresql").OrderByDescending(d => d, StringComparer.Ordinal).Select(d => Path.Combine(d, "bin"))
            : [];
        var path = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator);
        return installed.Concat(path).FirstOrDefault(d => File.Exists(Path.Combine(d, "initdb")) && File.Exists(Path.Combine(d, "pg_ctl")));
    }

    /// <summary>Clusters of test processes that were killed before they could stop theirs.</summary>
    private static void RemoveLeftovers()
    {
        foreach (var folder in Directory.GetDirectories("/tmp", "hrpg-*"))
        {
            var owner = Path.GetFileName(folder).Split('-')[1];
            if (!int.TryParse(owner, System.Globalization.CultureInfo.InvariantCulture, out var id) || Directory.Exists($"/proc/{id}"))
            {
                continue;
            }

            var pid = Path.Combine(folder, "data", "postmaster.pid");
            if (File.Exists(pid) && int.TryParse(File.ReadLines(pid).FirstOrDefault(), System.Globalization.CultureInfo.InvariantCulture, out var server) && Directory.Exists($"/proc/{server}"))
            {
                using var process = Process.GetProcessById(server);
                process.Kill();
                process.WaitForExit(TimeSpan.FromSeconds(10));
            }

            try
            {
                Directory.Delete(folder, recursive: true);
            }
            catch (IOException)
            {
                // Another test process is removing it too.
            }
        }
    }

    private static async Task<string> OtherUserAsync()
    {
        var users = await File.ReadAllLinesAsync("/etc/passwd");
        return users.Any(u => u.StartsWith("postgres:", StringComparison.Ordinal)) ? "postgres" : "nobody";
    }

    private static async Task RunAsync(string? user, string folder, string program, params string[] arguments)
    {
        // Output goes to a file and not to a pipe: the server that pg_ctl leaves behind would hold a pipe open.
        var log = Path.Combine(Path.GetTempPath(), $"hrpg-run-{Guid.NewGuid():N}.log");
        var start = new ProcessStartInfo("/bin/sh") { WorkingDirectory = folder };
        start.ArgumentList.Add("-c");
        start.ArgumentList.Add("exec \"$@\" >\"$HRPG_LOG\" 2>&1 </dev/null");
        start.ArgumentList.Add("sh");
        if (user is not null)
        {
            foreach (var part in new[] { "setpriv", $"--reuid={user}", $"--regid={(user == "nobody" ? "nogroup" : user)}", "--clear-groups", "--" })
            {
                start.ArgumentList.Add(part);
            }
        }

        start.ArgumentList.Add(program);
        foreach (var argument in arguments)
        {
            start.ArgumentList.Add(argument);
        }

        start.Environment["HRPG_LOG"] = log;
        using var process = Process.Start(start)!;
        await process.WaitForExitAsync();
        var said = await File.ReadAllTextAsync(log);
        File.Delete(log);
        if (process.ExitCode != 0)
        {
            throw new InvalidOperationException($"{Path.GetFileName(program)} ended with {process.ExitCode}: {said}");
        }
    }
}

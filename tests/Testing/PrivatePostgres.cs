using System.Diagnostics;
using System.Globalization;
using Npgsql;

namespace Handrail.Testing;

/// <summary>
/// A PostgreSQL of our own for the tests of one process: on a socket in a folder of its own, without a port, gone when the process
/// ends.
/// </summary>
public sealed class PrivatePostgres : IAsyncDisposable
{
    private const string Folders = "/tmp";

    /// <summary>
    /// Files that are gone at a restart anyway. Every test makes and drops a database of some hundred files, which costs a file system on a disk more than the test itself.
    /// </summary>
    private const string Memory = "/dev/shm";

    /// <summary>Of memory that must be free for a cluster in it, in bytes: some dozens of test databases and the log of what is written into them.</summary>
    private const long MemoryNeeded = 4L << 30;

    private const string Prefix = "hrpg-";

    /// <summary>Of a log on a volume of its own, in MiB, before a checkpoint makes room.</summary>
    private const int SmallLog = 16;

    private static readonly Lazy<Task<PrivatePostgres>> Shared = new(() => StartAsync(durable: false));

    private readonly PostgresBinaries _binaries;
    private readonly string _folder;
    private readonly string _serverOptions;
    private readonly string? _logFolder;
    private int _databases;

    private PrivatePostgres(PostgresBinaries binaries, string folder, bool durable, string? logFolder = null)
    {
        _binaries = binaries;
        _folder = folder;
        _logFolder = logFolder;
        _serverOptions = $"-c listen_addresses= -k {folder} -c max_connections=300"
            + (durable ? "" : " -c fsync=off -c synchronous_commit=off -c full_page_writes=off")
            + (logFolder is null ? "" : $" -c max_wal_size={SmallLog}MB -c min_wal_size={SmallLog / 2}MB");
    }

    /// <summary>Null where the binaries are, else what is missing: the reason that a skipped test shows.</summary>
    public static string? Missing => PostgresBinaries.Installed is null
        ? "PostgreSQL's binaries (initdb and pg_ctl, version 15 or later) are not installed; tests/run installs them."
        : null;

    /// <summary>The folder that its data and its socket are in.</summary>
    public string Folder => _folder;

    /// <summary>The running server's process, which starts one for each connection.</summary>
    public int ServerId => int.Parse(File.ReadLines(Path.Combine(Data, "postmaster.pid")).First(), CultureInfo.InvariantCulture);

    /// <summary>Whether the server is there: it ends by itself where it can't write.</summary>
    public bool Runs => ServerRuns(_folder);

    private string Data => Path.Combine(_folder, "data");

    /// <summary>The process's own cluster, started when it is first asked for; not durable, and so fast.</summary>
    public static Task<PrivatePostgres> SharedAsync() => Shared.Value;

    /// <summary>A cluster for one purpose.</summary>
    /// <param name="durable">Commits reach the disk, as in production: for measurements and faults.</param>
    /// <param name="logFolder">Where its log of changes is, in small segments, when not with its data: as on a volume of its own, of 64 MiB at least.</param>
    public static async Task<PrivatePostgres> StartAsync(bool durable, string? logFolder = null)
    {
        var binaries = PostgresBinaries.Installed ?? throw new InvalidOperationException(Missing);
        await RemoveLeftoversAsync(binaries);

        // Short, because a socket's path has at most 107 characters.
        var folder = Path.Combine(durable || !HasMemory() ? Folders : Memory, $"{Prefix}{System.Environment.ProcessId}-{Guid.NewGuid():N}"[..26]);
        Directory.CreateDirectory(folder);
        await binaries.HandOverAsync(folder);
        if (logFolder is not null)
        {
            await binaries.HandOverAsync(logFolder);
        }

        var cluster = new PrivatePostgres(binaries, folder, durable, logFolder);
        AppDomain.CurrentDomain.ProcessExit += (_, _) => cluster.StopAsync().GetAwaiter().GetResult();
        await cluster.InitialiseAsync();
        await cluster.ContinueAsync();
        return cluster;
    }

    /// <summary>A durable cluster in a folder that may stay: made when it is not there, else started as it was left.</summary>
    /// <param name="folder">Short: a socket's path has at most 107 characters.</param>
    public static async Task<PrivatePostgres> OpenAsync(string folder)
    {
        var binaries = PostgresBinaries.Installed ?? throw new InvalidOperationException(Missing);
        Directory.CreateDirectory(folder);
        await binaries.HandOverAsync(folder);
        var cluster = new PrivatePostgres(binaries, folder, durable: true);
        AppDomain.CurrentDomain.ProcessExit += (_, _) =>
        {
            if (cluster.Runs)
            {
                cluster.PauseAsync().GetAwaiter().GetResult();
            }
        };
        if (!Directory.Exists(cluster.Data))
        {
            await cluster.InitialiseAsync();
        }

        await cluster.ContinueAsync();
        return cluster;
    }

    /// <summary>A new database.</summary>
    /// <param name="template">Copied, when it is named; it must have no open connection.</param>
    /// <returns>Its connection string.</returns>
    public Task<string> CreateDatabaseAsync(string? template = null) => CreateAsync($"t{Interlocked.Increment(ref _databases)}", template);

    public async Task<string> CreateAsync(string name, string? template)
    {
        await ExecuteAsync($"create database {name}" + (template is null ? "" : $" template {template}"));
        return ConnectionString(name);
    }

    /// <summary>A new database whose tables are in a folder of their own, as on a volume of their own.</summary>
    public async Task<string> CreateInAsync(string folder)
    {
        var name = $"v{Interlocked.Increment(ref _databases)}";
        await _binaries.HandOverAsync(folder);
        await ExecuteAsync($"create tablespace {name} location '{folder}'");
        await ExecuteAsync($"create database {name} tablespace {name}");
        return ConnectionString(name);
    }

    /// <summary>Drops a database of <see cref="CreateInAsync"/>, and lets go of its folder.</summary>
    public async Task DropInAsync(string connectionString)
    {
        await DropAsync(connectionString);
        await ExecuteAsync($"drop tablespace {new NpgsqlConnectionStringBuilder(connectionString).Database}");
    }

    public string ConnectionString(string database) => $"Host={_folder};Username=test;Database={database};Maximum Pool Size=60;Timeout=60;Include Error Detail=true";

    /// <summary>Its programs, and where they find this cluster: for a command line as an operator types it.</summary>
    public IReadOnlyDictionary<string, string> Environment => new Dictionary<string, string>
    {
        ["PATH"] = $"{_binaries.Folder}:{System.Environment.GetEnvironmentVariable("PATH")}",
        ["PGHOST"] = _folder,
        ["PGUSER"] = "test",
    };

    public async Task DropAsync(string connectionString)
    {
        await using (var own = new NpgsqlConnection(connectionString))
        {
            NpgsqlConnection.ClearPool(own);
        }

        await ExecuteAsync($"drop database if exists {new NpgsqlConnectionStringBuilder(connectionString).Database} with (force)");
    }

    /// <summary>Stops the server and keeps its data: the database is gone for whoever uses it.</summary>
    /// <param name="immediately">As a crash does: nothing is finished, and the next start recovers from the log.</param>
    public Task PauseAsync(bool immediately = false) => _binaries.RunAsync(_folder, "pg_ctl", "-D", Data, "-m", immediately ? "immediate" : "fast", "-w", "stop");

    /// <summary>Starts the server again after <see cref="PauseAsync"/>.</summary>
    public Task ContinueAsync() => _binaries.RunAsync(_folder, "pg_ctl", "-D", Data, "-l", Path.Combine(_folder, "log"), "-w", "-o", _serverOptions, "start");

    /// <summary>Stops the server at once and removes all that is left of it.</summary>
    public async Task StopAsync()
    {
        if (Runs)
        {
            await _binaries.RunAsync(_folder, "pg_ctl", "-D", Data, "-m", "immediate", "stop");
        }

        if (Directory.Exists(_folder))
        {
            Directory.Delete(_folder, recursive: true);
        }
    }

    public ValueTask DisposeAsync() => new(StopAsync());

    private Task InitialiseAsync() => _binaries.RunAsync(
        _folder, "initdb",
        ["-D", Data, "-U", "test", "-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync", "--no-instructions", .. (string[])(_logFolder is null ? [] : ["-X", Path.Combine(_logFolder, "log"), "--wal-segsize=1"])]);

    private async Task ExecuteAsync(string sql)
    {
        await using var connection = new NpgsqlConnection($"Host={_folder};Username=test;Database=postgres;Pooling=false");
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand(sql, connection) { CommandTimeout = 600 };
        await command.ExecuteNonQueryAsync();
    }

    private static bool HasMemory() => Directory.Exists(Memory) && new DriveInfo(Memory).AvailableFreeSpace > MemoryNeeded;

    /// <summary>Clusters of test processes that were killed before they could stop theirs.</summary>
    private static async Task RemoveLeftoversAsync(PostgresBinaries binaries)
    {
        foreach (var folder in ((string[])[Folders, Memory]).Where(Directory.Exists).SelectMany(f => Directory.GetDirectories(f, Prefix + "*")))
        {
            if (!int.TryParse(Path.GetFileName(folder).Split('-')[1], CultureInfo.InvariantCulture, out var owner) || IsAlive(owner))
            {
                continue;
            }

            try
            {
                if (ServerRuns(folder))
                {
                    await binaries.RunAsync(folder, "pg_ctl", "-D", Path.Combine(folder, "data"), "-m", "immediate", "stop");
                }

                Directory.Delete(folder, recursive: true);
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException or InvalidOperationException)
            {
                // Another test process is removing it too, or it is another user's.
            }
        }
    }

    /// <summary>Whether the process that the folder names as its server is that server: its number may be another's by now.</summary>
    private static bool ServerRuns(string folder)
    {
        var pidFile = Path.Combine(folder, "data", "postmaster.pid");
        if (!File.Exists(pidFile))
        {
            return false;
        }

        var commandLine = $"/proc/{File.ReadLines(pidFile).First()}/cmdline";
        return File.Exists(commandLine) && File.ReadAllText(commandLine).Contains(folder, StringComparison.Ordinal);
    }

    private static bool IsAlive(int process)
    {
        try
        {
            using var found = Process.GetProcessById(process);
            return true;
        }
        catch (ArgumentException)
        {
            return false;
        }
    }
}

using System.Diagnostics;
using System.Net.Http.Headers;
using System.Text;
using Handrail.Store;

namespace Handrail.Testing;

/// <summary>
/// The built console as a process of its own, on free ports and in a data folder of its own: what a user starts. It can be killed and
/// started again on the same data.
/// </summary>
public sealed class ConsoleProcess : IAsyncDisposable
{
    public const string AdminEmail = "admin@localhost";
    public const string AdminPassword = "Test-password-1";
    public const string AdminToken = "hru_testtokenoftheadministrator0123456789abcde";
    public const string AgentKey = "hra_testkeyofalltheagents0123456789abcdefghij";

    private const int StartAttempts = 3;

    private readonly ConsoleSettings _settings;
    private readonly string _folder = Directory.CreateTempSubdirectory("handrail-console-").FullName;
    private readonly StringBuilder _log = new();
    private readonly List<HttpClient> _clients = [];
    private Process? _process;
    private string? _postgres;

    private ConsoleProcess(ConsoleSettings settings)
    {
        _settings = settings;
        AppDomain.CurrentDomain.ProcessExit += EndWithTests;
    }

    /// <summary>The console's and the API's address.</summary>
    public Uri Address { get; private set; } = null!;

    public Uri OtlpHttp { get; private set; } = null!;

    public Uri OtlpGrpc { get; private set; } = null!;

    public string DataFolder => _settings.DataFolder ?? Path.Combine(_folder, "data");

    /// <summary>The database that it runs on, to be read past it.</summary>
    public StoreSettings Store => new(_settings.Provider, _postgres ?? $"Data Source={Path.Combine(DataFolder, "handrail.db")};Pooling=False");

    /// <summary>The running process's number.</summary>
    public int Id => _process!.Id;

    /// <summary>What the running console has used of the processors.</summary>
    public TimeSpan ProcessorTime
    {
        get
        {
            _process!.Refresh();
            return _process.TotalProcessorTime;
        }
    }

    /// <summary>What the running console holds of the machine's memory, in bytes.</summary>
    public long Memory
    {
        get
        {
            _process!.Refresh();
            return _process.WorkingSet64;
        }
    }

    /// <summary>All that the console has printed since it was first started.</summary>
    public string Log
    {
        get
        {
            lock (_log)
            {
                return _log.ToString();
            }
        }
    }

    /// <summary>Starts the console and returns once it is ready.</summary>
    public static async Task<ConsoleProcess> StartAsync(ConsoleSettings? settings = null)
    {
        var console = new ConsoleProcess(settings ?? new ConsoleSettings());
        await console.ChooseDatabaseAsync();
        for (var attempt = 1; ; attempt++)
        {
            console.ChoosePorts();
            try
            {
                await console.StartAgainAsync();
                return console;
            }
            catch (InvalidOperationException) when (attempt < StartAttempts && console.Log.Contains("address already in use", StringComparison.OrdinalIgnoreCase))
            {
                // Somebody took the port between our look and the console's start.
            }
            catch
            {
                await console.DisposeAsync();
                throw;
            }
        }
    }

    /// <summary>Starts the console again after it ended, on the same data and ports, and returns once it is ready.</summary>
    /// <exception cref="InvalidOperationException">It ended instead, or did not become ready in time; the message has its log.</exception>
    public async Task StartAgainAsync()
    {
        if (_process is { HasExited: false })
        {
            throw new InvalidOperationException("The console runs already.");
        }

        _process?.Dispose();
        var process = Launch();
        _process = process;
        using var probe = new HttpClient { BaseAddress = Address, Timeout = TimeSpan.FromSeconds(5) };
        await Eventually.HoldsAsync("the console becomes ready", async () =>
        {
            if (process.HasExited)
            {
                await process.WaitForExitAsync();
                throw new InvalidOperationException($"The console ended with {process.ExitCode} instead of becoming ready:\n{Log}");
            }

            try
            {
                using var answer = await probe.GetAsync("readyz");
                return answer.IsSuccessStatusCode;
            }
            catch (Exception e) when (e is HttpRequestException or TaskCanceledException)
            {
                return false;
            }
        });
    }

    /// <summary>Ends the console as a crash or the machine's out-of-memory killer does: nothing in it gets to run any more.</summary>
    public async Task KillAsync()
    {
        _process!.Kill();
        await _process.WaitForExitAsync();
    }

    /// <summary>Presses Ctrl+C.</summary>
    /// <returns>The console's exit code, once it has ended.</returns>
    public async Task<int> InterruptAsync()
    {
        var process = _process!;
        using (var kill = Process.Start(new ProcessStartInfo("/bin/sh", ["-c", $"kill -INT {process.Id}"]))!)
        {
            await kill.WaitForExitAsync();
        }

        using var patience = new CancellationTokenSource(Eventually.Patience);
        await process.WaitForExitAsync(patience.Token);
        return process.ExitCode;
    }

    /// <summary>A client that calls with the agent key.</summary>
    public HttpClient AsAgent() => Client(AgentKey);

    /// <summary>A client that calls with the administrator's personal token.</summary>
    public HttpClient AsAdministrator() => Client(AdminToken);

    /// <summary>A client that calls without any key.</summary>
    public HttpClient AsStranger() => Client(null);

    public async ValueTask DisposeAsync()
    {
        AppDomain.CurrentDomain.ProcessExit -= EndWithTests;
        End();
        if (_postgres is not null && _settings.ConnectionString is null)
        {
            await (await PrivatePostgres.SharedAsync()).DropAsync(_postgres);
        }

        foreach (var client in _clients)
        {
            client.Dispose();
        }

        _process?.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    private HttpClient Client(string? key)
    {
        var client = new HttpClient { BaseAddress = Address };
        if (key is not null)
        {
            client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", key);
        }

        _clients.Add(client);
        return client;
    }

    private async Task ChooseDatabaseAsync()
    {
        if (_settings.Provider == DatabaseProvider.Postgres)
        {
            _postgres = _settings.ConnectionString ?? await (await PrivatePostgres.SharedAsync()).CreateDatabaseAsync();
        }
    }

    private void ChoosePorts()
    {
        Address = new Uri($"http://127.0.0.1:{FreePort.Find()}/");
        OtlpHttp = new Uri($"http://127.0.0.1:{FreePort.Find()}/");
        OtlpGrpc = new Uri($"http://127.0.0.1:{FreePort.Find()}/");
    }

    private Process Launch()
    {
        var program = _settings.Program ?? Repository.Built("Console", "Console.dll");
        var start = new ProcessStartInfo("dotnet", [program, .. _settings.Arguments])
        {
            WorkingDirectory = _folder,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach (var (key, value) in Environments().Concat(_settings.Settings))
        {
            start.Environment[key.Replace(":", "__", StringComparison.Ordinal)] = value;
        }

        var process = Process.Start(start)!;
        process.OutputDataReceived += (_, line) => Keep(line.Data);
        process.ErrorDataReceived += (_, line) => Keep(line.Data);
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        return process;
    }

    private IEnumerable<KeyValuePair<string, string>> Environments()
    {
        yield return new("Kestrel:Endpoints:Console:Url", Url(Address));
        yield return new("Kestrel:Endpoints:OtlpHttp:Url", Url(OtlpHttp));
        yield return new("Kestrel:Endpoints:OtlpGrpc:Url", Url(OtlpGrpc));
        yield return new("Data:Directory", DataFolder);
        yield return new("Bootstrap:AdminPassword", AdminPassword);
        yield return new("Bootstrap:AdminToken", AdminToken);
        yield return new("Bootstrap:AgentKey", AgentKey);
        yield return new("Database:Provider", _settings.Provider.ToString());
        if (_postgres is not null)
        {
            yield return new("ConnectionStrings:Handrail", _postgres);
        }
    }

    private static string Url(Uri address) => address.GetLeftPart(UriPartial.Authority);

    private void Keep(string? line)
    {
        if (line is not null)
        {
            lock (_log)
            {
                _log.AppendLine(line);
            }
        }
    }

    private void EndWithTests(object? sender, EventArgs e) => End();

    /// <summary>Ends what the console started as well: the demo's fleet.</summary>
    private void End()
    {
        if (_process is { HasExited: false } process)
        {
            process.Kill(entireProcessTree: true);
            process.WaitForExit();
        }
    }
}

using System.Collections.Concurrent;
using System.Diagnostics;
using System.Text.Json;
using Handrail.TestAgent;

namespace Handrail.Faults.Agents;

/// <summary>An agent as a process of its own: it can be killed, suspended, and started again with the same errands.</summary>
internal sealed class AgentProcess : IAsyncDisposable
{
    /// <summary>As it was built beside the tests, with the packages that an agent of anybody's would have.</summary>
    private static readonly string Program = Path.Combine(
        Repository.Root, "tests", "Agent", Path.GetRelativePath(Path.Combine(Repository.Root, "tests", "Faults"), AppContext.BaseDirectory), "Handrail.TestAgent.dll");

    private readonly Process _process;
    private readonly string _orders;
    private readonly Task _exited;
    private readonly ConcurrentQueue<string> _errors = new();

    private AgentProcess(Process process, string orders)
    {
        (_process, _orders) = (process, orders);
        process.OutputDataReceived += (_, line) => Read(line.Data);
        process.ErrorDataReceived += (_, line) => _errors.Enqueue(line.Data ?? "");
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        _exited = process.WaitForExitAsync();
    }

    /// <summary>Where each errand, by its session, has halted.</summary>
    public ConcurrentDictionary<string, HaltPoint> Halted { get; } = new();

    /// <summary>How each errand, by its session, ended: in the agent's words.</summary>
    public ConcurrentDictionary<string, string> Ended { get; } = new();

    public static AgentProcess Start(AgentOrders orders)
    {
        var file = Path.Combine(Path.GetDirectoryName(orders.Ledger)!, $"orders-{Guid.NewGuid():N}.json");
        File.WriteAllText(file, JsonSerializer.Serialize(orders));
        return new AgentProcess(
            Process.Start(new ProcessStartInfo("dotnet", [Program, file])
            {
                RedirectStandardInput = true,
                RedirectStandardOutput = true,
                RedirectStandardError = true,
            })!,
            file);
    }

    /// <summary>Returns once every one of its errands has halted or ended.</summary>
    public Task AllHaltedAsync(int errands) => Eventually.HoldsAsync($"all {errands} errands have halted or ended", () =>
    {
        DemandAlive();
        return Halted.Keys.Union(Ended.Keys).Count() >= errands;
    });

    /// <summary>Fails the test where it has ended of an error.</summary>
    public void DemandAlive() => Assert.False(_exited.IsCompleted && _process.ExitCode is not (0 or 137), $"The agent ended:\n{string.Join('\n', _errors)}");

    /// <summary>Ends it as a crash or the machine's out-of-memory killer does.</summary>
    public async Task KillAsync()
    {
        _process.Kill();
        await _exited;
    }

    /// <summary>Takes the errands on from where they have halted.</summary>
    public Task ReleaseAsync() => _process.StandardInput.WriteLineAsync("go");

    /// <summary>Lets it run no instruction more (SIGSTOP).</summary>
    public Task SuspendAsync() => SignalAsync("STOP");

    public Task ContinueAsync() => SignalAsync("CONT");

    /// <summary>Returns once it has ended by itself.</summary>
    public async Task EndedAsync()
    {
        var ended = await Task.WhenAny(_exited, Task.Delay(Eventually.Patience)) == _exited;
        Assert.True(ended, $"It has not ended; its errands: {string.Join(", ", Ended.Select(e => $"{e.Key} {e.Value}"))}.\n{string.Join('\n', _errors)}");
        Assert.True(_process.ExitCode == 0, string.Join('\n', _errors));
    }

    public async ValueTask DisposeAsync()
    {
        if (!_exited.IsCompleted)
        {
            await KillAsync();
        }

        _process.Dispose();

        // The test may have taken its folder away already.
        if (File.Exists(_orders))
        {
            File.Delete(_orders);
        }
    }

    private async Task SignalAsync(string signal)
    {
        using var kill = Process.Start("/bin/sh", ["-c", $"kill -{signal} {_process.Id}"]);
        await kill.WaitForExitAsync();
        Assert.Equal(0, kill.ExitCode);
    }

    private void Read(string? line)
    {
        if (line?.Split('\t') is not [var what, var session, var more])
        {
            return;
        }

        if (what == "halted")
        {
            Halted[session] = Enum.Parse<HaltPoint>(more);
        }
        else
        {
            Ended[session] = more;
        }
    }
}

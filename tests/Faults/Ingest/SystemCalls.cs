using System.ComponentModel;
using System.Diagnostics;
using System.Globalization;

namespace Handrail.Faults.Ingest;

/// <summary>The system calls of running processes, in the order in which the machine's kernel saw them: strace.</summary>
internal sealed class SystemCalls : IAsyncDisposable
{
    private const string Program = "strace";

    private readonly Process _strace;
    private readonly string _file;
    private readonly List<string> _said = [];

    private SystemCalls(Process strace, string file) => (_strace, _file) = (strace, file);

    /// <summary>Null where system calls can be traced, else why not: the reason that a skipped test shows.</summary>
    public static async Task<string?> MissingAsync()
    {
        try
        {
            using var attempt = Process.Start(new ProcessStartInfo(Program, ["-e", "trace=none", "true"]) { RedirectStandardError = true })!;
            var said = await attempt.StandardError.ReadToEndAsync();
            await attempt.WaitForExitAsync();
            return attempt.ExitCode == 0 ? null : $"System calls can't be traced here: {said.Trim()}";
        }
        catch (Win32Exception)
        {
            return "strace is not installed; tests/run installs it.";
        }
    }

    /// <summary>Begins to look at these processes, all their threads and what they start.</summary>
    public static async Task<SystemCalls> TraceAsync(params IReadOnlyCollection<int> processes)
    {
        var file = Path.GetTempFileName();
        string[] what = ["-f", "-yy", "-s", "64", "-e", "trace=fsync,fdatasync,write,pwrite64,pwritev,writev,sendto,sendmsg,recvfrom,recvmsg", "-o", file];
        var start = new ProcessStartInfo(Program, [.. what, .. processes.SelectMany(p => new[] { "-p", p.ToString(CultureInfo.InvariantCulture) })]) { RedirectStandardError = true };
        var trace = new SystemCalls(Process.Start(start)!, file);
        trace._strace.ErrorDataReceived += (_, line) => trace.Keep(line.Data);
        trace._strace.BeginErrorReadLine();
        await Eventually.HoldsAsync($"strace attaches to {processes.Count} processes", () => trace.Attached(processes));
        return trace;
    }

    /// <summary>The process and all that it started.</summary>
    public static IReadOnlyCollection<int> Family(int process)
    {
        var children = File.ReadAllText($"/proc/{process}/task/{process}/children").Split(' ', StringSplitOptions.RemoveEmptyEntries);
        return [process, .. children.SelectMany(c => Family(int.Parse(c, CultureInfo.InvariantCulture)))];
    }

    /// <summary>Ends the look.</summary>
    /// <returns>A line for each call, or two where another thread's came between its begin and its end.</returns>
    public async Task<IReadOnlyList<string>> EndAsync()
    {
        using (var interrupt = Process.Start("kill", ["-INT", _strace.Id.ToString(CultureInfo.InvariantCulture)]))
        {
            await interrupt.WaitForExitAsync();
        }

        await _strace.WaitForExitAsync();
        return await File.ReadAllLinesAsync(_file);
    }

    public ValueTask DisposeAsync()
    {
        if (!_strace.HasExited)
        {
            // Whom it looks at goes on without it.
            _strace.Kill();
            _strace.WaitForExit();
        }

        _strace.Dispose();
        File.Delete(_file);
        return ValueTask.CompletedTask;
    }

    private void Keep(string? line)
    {
        if (line is not null)
        {
            lock (_said)
            {
                _said.Add(line);
            }
        }
    }

    private bool Attached(IReadOnlyCollection<int> processes)
    {
        if (_strace.HasExited)
        {
            throw new InvalidOperationException($"strace ended: {string.Join('\n', _said)}");
        }

        lock (_said)
        {
            return processes.All(p => _said.Any(s => s.StartsWith($"strace: Process {p} attached", StringComparison.Ordinal)));
        }
    }
}

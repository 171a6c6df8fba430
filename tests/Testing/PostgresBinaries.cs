using System.Diagnostics;
using System.Globalization;

namespace Handrail.Testing;

/// <summary>
/// The newest PostgreSQL that is installed here, and how its programs are run. They refuse to run as root: then they run as another
/// user of the machine.
/// </summary>
internal sealed class PostgresBinaries
{
    private const int OldestVersion = 15;

    private PostgresBinaries(string folder) => Folder = folder;

    /// <summary>Where the programs are.</summary>
    public string Folder { get; }

    public static PostgresBinaries? Installed { get; } = Find();

    /// <summary>Who runs PostgreSQL; null for whoever runs the tests.</summary>
    public string? User { get; } = Environment.IsPrivilegedProcess ? OtherUser() : null;

    /// <exception cref="InvalidOperationException">The program ended with an error; the message has what it said.</exception>
    public Task RunAsync(string workingFolder, string program, params string[] arguments) =>
        RunAsync(User, workingFolder, Path.Combine(Folder, program), arguments);

    /// <summary>Gives a folder to the user who runs PostgreSQL.</summary>
    public Task HandOverAsync(string folder) => User is null ? Task.CompletedTask : RunAsync(null, folder, "chown", [User, folder]);

    private static PostgresBinaries? Find()
    {
        const string Debian = "/usr/lib/postgresql";
        var packaged = Directory.Exists(Debian) ? Directory.GetDirectories(Debian).Select(d => Path.Combine(d, "bin")) : [];
        var path = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries);
        return packaged.Concat(path)
            .Where(d => File.Exists(Path.Combine(d, "initdb")) && File.Exists(Path.Combine(d, "pg_ctl")))
            .Select(d => (Folder: d, Version: MajorVersion(d)))
            .Where(f => f.Version >= OldestVersion)
            .OrderByDescending(f => f.Version)
            .Select(f => new PostgresBinaries(f.Folder))
            .FirstOrDefault();
    }

    /// <summary>15 of <c>initdb (PostgreSQL) 15.18 (Debian …)</c>; 0 when it says something else.</summary>
    private static int MajorVersion(string folder)
    {
        using var process = Process.Start(new ProcessStartInfo(Path.Combine(folder, "initdb"), "--version") { RedirectStandardOutput = true })!;
        var said = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        var number = said.Split(' ').Skip(2).FirstOrDefault() ?? "";
        return int.TryParse(new string([.. number.TakeWhile(char.IsAsciiDigit)]), CultureInfo.InvariantCulture, out var major) ? major : 0;
    }

    private static string OtherUser() =>
        File.ReadLines("/etc/passwd").Any(u => u.StartsWith("postgres:", StringComparison.Ordinal)) ? "postgres" : "nobody";

    private static async Task RunAsync(string? user, string workingFolder, string program, string[] arguments)
    {
        // Output goes to a file and not to a pipe: the server that pg_ctl leaves behind would hold a pipe open.
        var log = Path.GetTempFileName();
        var start = new ProcessStartInfo("/bin/sh") { WorkingDirectory = workingFolder };
        string[] asUser = user is null ? [] : ["setpriv", $"--reuid={user}", $"--regid={(user == "nobody" ? "nogroup" : user)}", "--clear-groups", "--"];
        foreach (var part in (string[])["-c", "log=$1; shift; exec \"$@\" >\"$log\" 2>&1 </dev/null", "sh", log, .. asUser, program, .. arguments])
        {
            start.ArgumentList.Add(part);
        }

        try
        {
            using var process = Process.Start(start)!;
            await process.WaitForExitAsync();
            if (process.ExitCode != 0)
            {
                throw new InvalidOperationException($"{Path.GetFileName(program)} ended with {process.ExitCode}: {await File.ReadAllTextAsync(log)}");
            }
        }
        finally
        {
            File.Delete(log);
        }
    }
}

using System.Globalization;

namespace Handrail.Faults.Load;

/// <summary>What a process holds of the machine, as the kernel counts it.</summary>
/// <param name="Memory">Resident, in bytes.</param>
/// <param name="Handles">Open files, sockets and what else has a descriptor.</param>
internal sealed record Vitals(long Memory, int Handles, int Threads)
{
    public static Vitals Of(int process) => new(
        Kilobytes(process, "VmRSS") * 1024, Directory.GetFileSystemEntries($"/proc/{process}/fd").Length, Directory.GetFileSystemEntries($"/proc/{process}/task").Length);

    /// <summary>The most memory that it ever held at once, in bytes.</summary>
    public static long Peak(int process) => Kilobytes(process, "VmHWM") * 1024;

    private static long Kilobytes(int process, string what)
    {
        var line = File.ReadLines($"/proc/{process}/status").First(l => l.StartsWith(what + ":", StringComparison.Ordinal));
        return long.Parse(line.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries)[1], CultureInfo.InvariantCulture);
    }
}

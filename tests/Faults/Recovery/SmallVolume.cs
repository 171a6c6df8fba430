using System.Diagnostics;

namespace Handrail.Faults.Recovery;

/// <summary>A file system of its own that can be filled to the last byte, and given room again.</summary>
internal sealed class SmallVolume : IDisposable
{
    private const int Chunk = 64 * 1024;

    private SmallVolume(string folder) => Folder = folder;

    public string Folder { get; }

    private string Ballast => Path.Combine(Folder, "ballast");

    /// <summary>Mounts one in memory; skips the test where that is impossible.</summary>
    public static SmallVolume Mount(int mebibytes)
    {
        Assert.SkipUnless(Environment.IsPrivilegedProcess, "Only root can mount a volume to fill.");
        var folder = Directory.CreateTempSubdirectory("handrail-volume-").FullName;
        var said = Run("mount", "-t", "tmpfs", "-o", $"size={mebibytes}m,mode=0777", "tmpfs", folder);
        if (said is not null)
        {
            Directory.Delete(folder);
            Assert.Skip($"No volume can be mounted here: {said}");
        }

        return new SmallVolume(folder);
    }

    /// <summary>Leaves no room.</summary>
    public void Fill()
    {
        using var file = new FileStream(Ballast, FileMode.Append, FileAccess.Write, FileShare.None, bufferSize: 0);
        for (var chunk = new byte[Chunk]; chunk.Length > 0;)
        {
            try
            {
                file.Write(chunk);
            }
            catch (IOException)
            {
                chunk = chunk[..(chunk.Length / 2)];
            }
        }
    }

    /// <summary>Gives the room back.</summary>
    public void Free() => File.Delete(Ballast);

    public void Dispose()
    {
        Run("umount", "--lazy", Folder);
        Directory.Delete(Folder);
    }

    /// <returns>What it said went wrong; null when nothing did.</returns>
    private static string? Run(string program, params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardError = true })!;
        var said = process.StandardError.ReadToEnd();
        process.WaitForExit();
        return process.ExitCode == 0 ? null : said.Trim();
    }
}

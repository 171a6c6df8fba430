using System.Diagnostics;
using System.Globalization;
using System.Security.Cryptography;

namespace Handrail.Faults;

/// <summary>What a row came to, and beside it what a commit costs on the disk that it ran on: without that no figure can be compared with another machine's.</summary>
internal static class Figures
{
    private const int Commits = 50;
    private const int Page = 4096;

    /// <summary>Prints a row's figures: with the test's output, and at the end of <c>tests/run</c>, which names the file.</summary>
    /// <param name="disk">The folder whose disk the commits went to; null where none were waited for.</param>
    public static void Say(string row, object on, string figures, string? disk)
    {
        var line = $"{row} on {on}{(LongRun.Wanted ? ", long" : "")}: {figures}{(disk is null ? "" : $"; {Disk(disk)}")}";
        TestContext.Current.TestOutputHelper?.WriteLine(line);
        if (Environment.GetEnvironmentVariable("HANDRAIL_FAULT_FIGURES") is { Length: > 0 } file)
        {
            File.AppendAllText(file, line + Environment.NewLine);
        }
    }

    /// <summary>Such as <c>1.52 s (worst 1.98)</c>.</summary>
    public static string Seconds(IReadOnlyCollection<TimeSpan> times) =>
        string.Create(CultureInfo.InvariantCulture, $"{Median(times).TotalSeconds:0.00} s (worst {times.Max().TotalSeconds:0.00})");

    public static TimeSpan Median(IEnumerable<TimeSpan> times) => Share(times, 0.5);

    /// <param name="times">Any.</param>
    /// <param name="share">0.99 for what all but one in a hundred stay within.</param>
    public static TimeSpan Share(IEnumerable<TimeSpan> times, double share)
    {
        var sorted = times.Order().ToList();
        return sorted[Math.Min(sorted.Count - 1, (int)(sorted.Count * share))];
    }

    /// <summary>Writes a page and waits for the disk, again and again, as a database does at each commit.</summary>
    private static string Disk(string folder)
    {
        var path = Path.Combine(folder, $"probe-{Guid.NewGuid():N}");
        try
        {
            var page = RandomNumberGenerator.GetBytes(Page);
            var times = new List<TimeSpan>(Commits);
            using (var file = new FileStream(path, FileMode.CreateNew, FileAccess.Write, FileShare.None, bufferSize: 0))
            {
                for (var i = 0; i < Commits; i++)
                {
                    var begun = Stopwatch.GetTimestamp();
                    file.Write(page);
                    file.Flush(flushToDisk: true);
                    times.Add(Stopwatch.GetElapsedTime(begun));
                }
            }

            return string.Create(CultureInfo.InvariantCulture, $"a commit takes this disk {Median(times).TotalMilliseconds:0.00} ms (worst of {Commits}: {times.Max().TotalMilliseconds:0.00})");
        }
        finally
        {
            File.Delete(path);
        }
    }
}

using System.Globalization;

namespace Handrail.Faults.Soak;

/// <summary>
/// What a console's managed heap holds once all garbage is collected: the console itself must be asked, by a file in a folder that both know. The memory of a process says
/// little of a slow leak: it holds what the collector has not looked at yet.
/// </summary>
internal sealed class ManagedHeap : IDisposable
{
    /// <summary>The environment variable that names the folder.</summary>
    public const string Switch = "HANDRAIL_FAULT_HEAP";

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("handrail-heap-");

    /// <summary>With these a console answers.</summary>
    public IReadOnlyDictionary<string, string> Settings => new Dictionary<string, string>
    {
        ["DOTNET_STARTUP_HOOKS"] = typeof(ManagedHeap).Assembly.Location,
        [Switch] = _folder.FullName,
    };

    /// <returns>Bytes.</returns>
    public async Task<long> MeasureAsync()
    {
        var (asked, answer) = Files(_folder.FullName);
        File.Delete(answer);
        await File.WriteAllTextAsync(asked, "");
        await Eventually.HoldsAsync("the console says what its heap holds", () => File.Exists(answer));
        return long.Parse(await File.ReadAllTextAsync(answer), CultureInfo.InvariantCulture);
    }

    public void Dispose() => _folder.Delete(recursive: true);

    /// <summary>Runs in the console.</summary>
    public static async Task AnswerAsync(string folder)
    {
        var (asked, answer) = Files(folder);
        while (true)
        {
            await Task.Delay(100);
            if (File.Exists(asked))
            {
                // Twice: what finalisers let go is garbage only then.
                GC.Collect();
                GC.WaitForPendingFinalizers();
                GC.Collect();
                await File.WriteAllTextAsync(answer + ".new", GC.GetTotalMemory(forceFullCollection: false).ToString(CultureInfo.InvariantCulture));
                File.Delete(asked);
                File.Move(answer + ".new", answer, overwrite: true);
            }
        }
    }

    private static (string Asked, string Answer) Files(string folder) => (Path.Combine(folder, "asked"), Path.Combine(folder, "answer"));
}

using System.Text.Json;
using Microsoft.Extensions.Logging;

namespace Handrail.Store;

/// <summary>
/// A list that stands in a file beside the console, so that what the database does not take outlives a crash of the console. A file that fails stops nobody: the
/// list then holds as long as this process lives.
/// </summary>
/// <param name="path">Null to keep nothing.</param>
/// <param name="what">What it is a list of, for the log: <c>Latched orders</c>.</param>
/// <param name="isWhole">False for an item that lacks what each has.</param>
internal sealed class KeptList<T>(string? path, string what, Func<T, bool> isWhole, ILogger log)
    where T : class
{
    /// <summary>Where the file was put that could not be read; null while none was found.</summary>
    public string? Unreadable { get; private set; }

    /// <summary>What was kept; null where it can't be read, for a console that does not start stops nobody. The file is then put beside, so that a person can look into it.</summary>
    public List<T>? Load()
    {
        try
        {
            if (path is null || !File.Exists(path))
            {
                return [];
            }

            return JsonText.Read<List<T>>(File.ReadAllText(path)) is { } kept && kept.TrueForAll(i => i is not null && isWhole(i))
                ? kept
                : throw new JsonException("It is no whole list.");
        }
        catch (Exception e) when (e is JsonException or IOException or UnauthorizedAccessException)
        {
            Unreadable = PutBeside(path!);
            log.LogCritical(e, "{What} that the database had not taken could not be read again and stand in {File}: look into it, and see to them", what, Unreadable);
            return null;
        }
    }

    /// <summary>Whole or not at all: beside it first, then in its place.</summary>
    public void Save(IReadOnlyList<T> items)
    {
        if (path is null)
        {
            return;
        }

        try
        {
            var beside = path + ".new";
            if (items.Count == 0)
            {
                // Beside it may stand what a full disk cut off.
                File.Delete(path);
                File.Delete(beside);
                return;
            }

            // A console on PostgreSQL that is told its secrets has kept nothing there before.
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            using (var file = new FileStream(beside, FileMode.Create, FileAccess.Write))
            {
                JsonSerializer.Serialize(file, items, JsonText.Options);
                file.Flush(flushToDisk: true);
            }

            File.Move(beside, path, overwrite: true);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // The disk may be what is full.
            log.LogError(e, "{What} could not be kept in {File}; they hold until this console ends", what, path);
        }
    }

    private static string PutBeside(string path)
    {
        var beside = $"{path}.{Guid.CreateVersion7():N}.unreadable";
        try
        {
            File.Move(path, beside);
            return beside;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // It stays where it is until the next list is kept there.
            return path;
        }
    }
}

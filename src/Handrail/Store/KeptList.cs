using System.Text.Json;
using Microsoft.Extensions.Logging;

namespace Handrail.Store;

/// <summary>
/// A list that stands in a file beside the console, so that what the database does not take outlives a crash of the console. A file that fails stops nobody: the
/// list then holds as long as this process lives.
/// </summary>
/// <param name="path">Null to keep nothing.</param>
/// <param name="what">What it is a list of, for the log: <c>Latched orders</c>.</param>
internal sealed class KeptList<T>(string? path, string what, ILogger log)
{
    /// <summary>What was kept; nothing where it can't be read, for a console that does not start stops nobody.</summary>
    public List<T> Load()
    {
        try
        {
            return path is not null && File.Exists(path) ? JsonText.Read<List<T>>(File.ReadAllText(path)) ?? [] : [];
        }
        catch (Exception e) when (e is JsonException or IOException or UnauthorizedAccessException)
        {
            log.LogCritical(e, "{What} that the database had not taken stood in {File}, which can't be read: look into it, and see to them", what, path);
            return [];
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
}

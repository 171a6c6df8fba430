using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Handrail.Client.Wire;
using Microsoft.Extensions.Logging;

namespace Handrail.Client.Offline;

/// <summary>What stands in the file, as its members are named; when the policy was last known to be in force by this machine's date and by the console's.</summary>
internal sealed record KeptPolicy(
    PolicyAnswer? Policy, string? Tag, string? Latest, IReadOnlyList<PublishedKey?>? Keys, DateTimeOffset? Confirmed, DateTimeOffset? ConsoleClock, bool RulesAlone);

/// <summary>
/// Keeps the policy, the latest version seen and the console's keys for the next process. The first line vouches for the rest, by the agent's key, which stands in no file of
/// ours: what anybody else wrote, or another agent's client, is as good as none.
/// </summary>
internal sealed class PolicyFile(string path, HandrailClientOptions options, string root)
{
    private readonly byte[] _secret = HMACSHA256.HashData(Encoding.UTF8.GetBytes(options.ApiKey), Encoding.UTF8.GetBytes($"handrail policy file 1\n{root}\n{options.Agent}"));
    private readonly Lock _writing = new();

    /// <summary>What was kept; null where there is nothing, or nothing to be believed.</summary>
    public KeptPolicy? Read()
    {
        try
        {
            if (!File.Exists(path))
            {
                return null;
            }

            var bytes = File.ReadAllBytes(path);
            var line = Array.IndexOf(bytes, (byte)'\n');
            if (line < 0 || !CryptographicOperations.FixedTimeEquals(bytes.AsSpan(0, line), Seal(bytes.AsSpan(line + 1))))
            {
                options.Logger.LogWarning("The policy kept in {Path} was not written by this agent's client, or was changed since; it is not gone by", path);
                return null;
            }

            return JsonSerializer.Deserialize(bytes.AsSpan(line + 1), WireJson.Default.KeptPolicy);
        }
        catch (Exception problem) when (problem is IOException or UnauthorizedAccessException or JsonException)
        {
            options.Logger.LogWarning("The policy kept in {Path} can't be read ({Problem})", path, problem.Message);
            return null;
        }
    }

    /// <summary>Takes the place of what was kept, whole or not at all. Where it can't be written the client goes on without.</summary>
    public void Write(KeptPolicy kept)
    {
        var content = JsonSerializer.SerializeToUtf8Bytes(kept, WireJson.Default.KeptPolicy);
        lock (_writing)
        {
            try
            {
                var beside = path + ".new";
                var mode = new FileStreamOptions { Mode = FileMode.Create, Access = FileAccess.Write };
                if (!OperatingSystem.IsWindows())
                {
                    mode.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
                }

                using (var file = new FileStream(beside, mode))
                {
                    file.Write(Seal(content));
                    file.WriteByte((byte)'\n');
                    file.Write(content);
                    file.Flush(flushToDisk: true);
                }

                File.Move(beside, path, overwrite: true);
            }
            catch (Exception problem) when (problem is IOException or UnauthorizedAccessException)
            {
                options.Logger.LogWarning("The policy can't be kept in {Path} ({Problem})", path, problem.Message);
            }
        }
    }

    private byte[] Seal(ReadOnlySpan<byte> content) => Encoding.ASCII.GetBytes(Convert.ToHexStringLower(HMACSHA256.HashData(_secret, content)));
}

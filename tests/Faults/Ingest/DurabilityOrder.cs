using System.Text.RegularExpressions;

namespace Handrail.Faults.Ingest;

/// <summary>What the kernel saw of one request.</summary>
/// <param name="Line">Its first line.</param>
/// <param name="Synced">Whether its log was written and a sync of it had ended, before the answer was begun.</param>
internal sealed record SeenRequest(string Line, bool Synced);

/// <summary>
/// Reads from a trace of system calls whether each request's commit was on the disk before its answer was written: after the request was read
/// something is written to the database's log, then a sync of that log begins and ends, and only then the answer begins.
/// </summary>
internal static partial class DurabilityOrder
{
    private enum Stage
    {
        Read,
        Written,
        Syncing,
        Synced,
    }

    /// <param name="trace">Lines of <c>strace -f -yy</c>.</param>
    /// <param name="log">Part of the path of the files that the database's log is in.</param>
    /// <param name="doors">What the first lines of the requests begin with.</param>
    public static IReadOnlyList<SeenRequest> Read(IEnumerable<string> trace, string log, params string[] doors)
    {
        var seen = new List<SeenRequest>();
        var (request, stage, syncing) = ("", Stage.Read, "");
        foreach (var line in trace)
        {
            var call = Call().Match(line);
            if (!call.Success)
            {
                continue;
            }

            var (thread, name, resumed, rest) = (call.Groups["thread"].Value, call.Groups["name"].Value, call.Groups["resumed"].Success, call.Groups["rest"].Value);
            var ended = !rest.Contains("<unfinished", StringComparison.Ordinal);
            if (name.StartsWith("recv", StringComparison.Ordinal))
            {
                if (doors.FirstOrDefault(d => rest.Contains($"\"{d}", StringComparison.Ordinal)) is { } door)
                {
                    (request, stage) = (door, Stage.Read);
                }
            }
            else if (name is "fsync" or "fdatasync")
            {
                var begins = !resumed && rest.Contains(log, StringComparison.Ordinal);
                if (begins && stage == Stage.Written)
                {
                    (stage, syncing) = (Stage.Syncing, thread);
                }

                if (ended && stage == Stage.Syncing && syncing == thread && rest.EndsWith("= 0", StringComparison.Ordinal))
                {
                    stage = Stage.Synced;
                }
            }
            else if (!resumed && rest.Contains(log, StringComparison.Ordinal))
            {
                stage = stage == Stage.Read ? Stage.Written : stage;
            }
            else if (!resumed && request.Length > 0 && rest.Contains("\"HTTP/1.1 200", StringComparison.Ordinal))
            {
                seen.Add(new SeenRequest(request, stage == Stage.Synced));
                request = "";
            }
        }

        return seen;
    }

    [GeneratedRegex(@"^(?<thread>\d+)\s+(?:<\.\.\. )?(?<name>\w+)(?<resumed> resumed>)?(?<rest>.*)$")]
    private static partial Regex Call();
}

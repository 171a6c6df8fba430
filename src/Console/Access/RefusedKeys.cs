using System.Collections.Concurrent;
using Handrail.Audit;
using Handrail.Store;

namespace Handrail.Access;

/// <summary>
/// Puts on record that an agent key was refused something: it was stolen, or an agent tries what only people may do. Once in a while for each key and door, so that who
/// tries on and on fills nothing.
/// </summary>
public sealed class RefusedKeys(HandrailStore store, TimeProvider time, ILogger<RefusedKeys> log)
{
    private const int MostRemembered = 10_000;
    private const int LongestPath = 400;

    private static readonly TimeSpan OnceIn = TimeSpan.FromMinutes(10);

    private readonly ConcurrentDictionary<(string Key, string Door), DateTimeOffset> _told = new();

    /// <param name="door">The endpoint that refused; null where there is none.</param>
    /// <param name="why">What the caller was told.</param>
    public async Task NoteAsync(HttpContext context, Endpoint? door, string why)
    {
        if (context.CallerOrNull() is not { Kind: CallerKind.AgentKey } caller)
        {
            return;
        }

        var (now, name) = (time.GetUtcNow(), $"{context.Request.Method} {(door as RouteEndpoint)?.RoutePattern.RawText}");
        if (_told.TryGetValue((caller.Id, name), out var last) && now - last < OnceIn)
        {
            return;
        }

        if (_told.Count >= MostRemembered)
        {
            _told.Clear();
        }

        _told[(caller.Id, name)] = now;
        var path = context.Request.Path.Value ?? "";
        try
        {
            await store.WriteAsync(
                unit =>
                {
                    unit.Record(new AuditEntry(caller, "key.refused", $"key:{caller.Id}")
                    {
                        Tightens = true, Reason = why, After = new { door = name, path = path.Length > LongestPath ? path[..LongestPath] : path },
                    });
                    return Task.CompletedTask;
                },
                CancellationToken.None);
        }
        catch (Exception e) when (StorageFault.Is(e))
        {
            // Refused all the same; the next try is put on record.
            _told.TryRemove((caller.Id, name), out _);
            log.LogWarning(e, "That key {Key} was refused could not be put on record", caller.Id);
        }
    }
}

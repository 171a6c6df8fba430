using System.Collections.Concurrent;
using Handrail.Ingest.Poison;

namespace Handrail.Ingest.DatabaseFaults;

/// <summary>A sender as the protocol wants it: whatever is not acknowledged it sends again, unchanged, until it is.</summary>
internal sealed class PatientSender(GoodRecords good, PoisonSender sender)
{
    /// <summary>Shorter than what it is told to wait: a test has less patience than an exporter.</summary>
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(100);

    private int _next;

    /// <summary>Answers that were neither an acknowledgement nor an honest "later".</summary>
    public ConcurrentQueue<string> Faults { get; } = new();

    public int Acknowledged { get; private set; }

    public int Refused { get; private set; }

    /// <summary>Sends a record through the next door and stays with it until it is acknowledged.</summary>
    public async Task OneAsync()
    {
        var door = PoisonDoor.All[_next++ % PoisonDoor.All.Count];
        var (record, note) = good.Next(door);
        while (!await TryAsync(door, record))
        {
            await Task.Delay(Pause);
        }

        note();
        Acknowledged++;
    }

    /// <returns>True when it is acknowledged, or can't be any more.</returns>
    public async Task<bool> TryAsync(PoisonDoor door, byte[] record)
    {
        var answer = await sender.SendAsync(new PoisonInput(door, door.Json ? PoisonCorpus.Whole(door, record) : record, false, Breakage.None, true, 0));
        if (answer.IsTaken)
        {
            return true;
        }

        Refused++;
        var later = answer.Grpc ? answer.Status is 14 or 8 : answer.Status is 503 or 429;
        if (later && answer.Fault is null)
        {
            return false;
        }

        Faults.Enqueue($"{door.Name}: {answer}");
        return true;
    }
}

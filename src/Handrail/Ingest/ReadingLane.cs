namespace Handrail.Ingest;

/// <summary>
/// Reading telemetry and packing it is work for the processors alone, and there may be any amount of it. All but one of them may be at it at once, so that gate, orders and
/// pages always find one, and never queue behind it for a thread.
/// </summary>
public sealed class ReadingLane : IDisposable
{
    private readonly SemaphoreSlim _free = new(Math.Max(1, Environment.ProcessorCount - 1));

    public async Task<T> RunAsync<T>(Func<T> work, CancellationToken cancel)
    {
        await _free.WaitAsync(cancel);
        try
        {
            return work();
        }
        finally
        {
            _free.Release();
        }
    }

    public void Dispose() => _free.Dispose();
}

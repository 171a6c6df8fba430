namespace Handrail.Ingest;

/// <summary>
/// Reading telemetry and packing it is work for the processors alone, and there may be any amount of it. All but one of them may be at it at once, so that gate, orders and
/// pages always find one, and never queue behind it for a thread.
/// </summary>
/// <param name="admission">Knows how many spans are read and not yet written.</param>
/// <param name="ahead">So many at most before another request is read.</param>
public sealed class ReadingLane(IngestAdmission admission, int ahead) : IDisposable
{
    private static readonly int Lanes = Math.Max(1, Environment.ProcessorCount - 1);

    /// <summary>Apart from the processors: whose turn it is to be read waits for what was read before to be packed and written.</summary>
    private readonly SemaphoreSlim _next = new(Lanes);

    private readonly SemaphoreSlim _free = new(Lanes);

    /// <summary>
    /// Reads a request, once the writer will soon be at it. Until then it waits as the bytes it came as: as spans it is some times as large, and made of thousands of objects, through
    /// which every collection of garbage goes while all else stands still.
    /// </summary>
    public async Task<T> ReadAsync<T>(Func<T> read, CancellationToken cancel)
    {
        await _next.WaitAsync(cancel);
        try
        {
            await admission.FewerSpansAsync(ahead, cancel);
            return await RunAsync(read, cancel);
        }
        finally
        {
            _next.Release();
        }
    }

    /// <summary>Does the work as soon as a processor is free for it.</summary>
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

    public void Dispose()
    {
        _next.Dispose();
        _free.Dispose();
    }
}

using Xunit;

namespace Handrail.Store;

/// <summary>Whose turn it is to write where there is one writer: control before telemetry, and neither for ever without the other.</summary>
public sealed class WriteLaneTests
{
    private readonly WriteLane _lane = new();
    private readonly List<string> _order = [];

    [Fact]
    public async Task A_decision_goes_before_telemetry_that_came_earlier()
    {
        var writing = await _lane.EnterAsync(telemetry: true, CancellationToken.None);
        Task[] all = [WriteAsync("batch 1", telemetry: true), WriteAsync("batch 2", telemetry: true), WriteAsync("decision", telemetry: false), WriteAsync("stop", telemetry: false)];

        writing.Dispose();
        await Task.WhenAll(all);
        Assert.Equal(["decision", "stop", "batch 1", "batch 2"], _order);
    }

    [Fact]
    public async Task Decisions_without_end_leave_telemetry_one_turn_in_nine()
    {
        var writing = await _lane.EnterAsync(telemetry: false, CancellationToken.None);
        Task[] all = [.. Enumerable.Range(0, 3).Select(i => WriteAsync("batch", telemetry: true)), .. Enumerable.Range(0, 40).Select(i => WriteAsync("decision", telemetry: false))];

        writing.Dispose();
        await Task.WhenAll(all);
        Assert.Equal([8, 17, 26], Enumerable.Range(0, _order.Count).Where(i => _order[i] == "batch"));
    }

    [Fact]
    public async Task Whoever_gives_up_its_turn_before_it_comes_holds_nobody_up()
    {
        var writing = await _lane.EnterAsync(telemetry: true, CancellationToken.None);
        using var patience = new CancellationTokenSource();
        var gone = _lane.EnterAsync(telemetry: false, patience.Token).AsTask();
        var next = WriteAsync("decision", telemetry: false);

        await patience.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => gone);
        writing.Dispose();
        await next;
        Assert.Equal(["decision"], _order);
    }

    private async Task WriteAsync(string what, bool telemetry)
    {
        using var turn = await _lane.EnterAsync(telemetry, CancellationToken.None);
        _order.Add(what);
    }
}

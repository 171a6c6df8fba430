using Xunit;

namespace Handrail.Live;

/// <summary>Many who want the same at once cost as much as one.</summary>
public sealed class SharedRunTests
{
    private readonly List<(string[] Asked, TaskCompletionSource<string> Done)> _runs = [];
    private readonly SharedRun<string, string> _shared;

    public SharedRunTests() => _shared = new SharedRun<string, string>(asked =>
    {
        var done = new TaskCompletionSource<string>();
        lock (_runs)
        {
            _runs.Add(([.. asked], done));
        }

        return done.Task;
    });

    [Fact]
    public async Task Who_comes_while_one_is_under_way_shares_the_next()
    {
        var first = _shared.JoinAsync("a", default);
        await BegunAsync(1);
        var (second, third) = (_shared.JoinAsync("b", default), _shared.JoinAsync("c", default));

        _runs[0].Done.SetResult("what was committed before a asked");
        await BegunAsync(2);
        _runs[1].Done.SetResult("what was committed before b and c asked");

        Assert.Equal("what was committed before a asked", await first);
        Assert.Equal(["what was committed before b and c asked", "what was committed before b and c asked"], await Task.WhenAll(second, third));
        Assert.Equal(["a", "b c"], _runs.Select(r => string.Join(' ', r.Asked)));
    }

    [Fact]
    public async Task A_failure_is_told_to_all_who_shared_it_and_to_nobody_after_them()
    {
        var failing = Task.WhenAll(_shared.JoinAsync("a", default), _shared.JoinAsync("b", default));
        await BegunAsync(1);
        var after = _shared.JoinAsync("c", default);
        _runs[0].Done.SetException(new TimeoutException("The database did not answer."));

        await Assert.ThrowsAsync<TimeoutException>(() => failing);
        await BegunAsync(2);
        _runs[1].Done.SetResult("there");
        Assert.Equal("there", await after);
    }

    [Fact]
    public async Task Who_goes_away_takes_nothing_from_the_others()
    {
        using var gone = new CancellationTokenSource();
        var first = _shared.JoinAsync("a", gone.Token);
        await BegunAsync(1);
        var second = _shared.JoinAsync("b", default);
        await gone.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => first);
        _runs[0].Done.SetResult("nobody's");
        await BegunAsync(2);
        _runs[1].Done.SetResult("there");
        Assert.Equal("there", await second);
    }

    private Task BegunAsync(int runs) => Testing.Eventually.HoldsAsync($"{runs} runs have begun", () =>
    {
        lock (_runs)
        {
            return _runs.Count == runs;
        }
    });
}

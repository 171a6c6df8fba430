using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using Xunit;

namespace Handrail.Shell;

public sealed class RegularWorkTests
{
    [Fact]
    public async Task A_round_that_fails_is_followed_by_the_next_whatever_it_failed_of()
    {
        var time = new FakeTimeProvider();
        using var work = new Rounds(time, new InvalidOperationException(), new OperationCanceledException(), new TimeoutException());
        await work.StartAsync(default);

        for (var round = 1; round <= 4; round++)
        {
            await work.Begun(round);
            time.Advance(Rounds.Every);
        }

        Assert.False(work.ExecuteTask!.IsCompleted);
        await work.StopAsync(default);
        Assert.False(work.ExecuteTask.IsFaulted);
    }

    private sealed class Rounds(TimeProvider time, params Exception[] failures) : RegularWork(Every, "Nothing", time, NullLogger.Instance)
    {
        public static readonly TimeSpan Every = TimeSpan.FromMinutes(1);

        private readonly TaskCompletionSource[] _begun = [.. Enumerable.Range(0, failures.Length + 2).Select(_ => new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously))];
        private int _rounds;

        protected override bool AtStart => true;

        public Task Begun(int round) => _begun[round - 1].Task.WaitAsync(TimeSpan.FromSeconds(30));

        protected override Task RoundAsync(CancellationToken cancel)
        {
            var round = _rounds++;
            _begun[round].TrySetResult();
            return round < failures.Length ? Task.FromException(failures[round]) : Task.CompletedTask;
        }
    }
}

using Handrail.Shell;

namespace Handrail.Recovery;

/// <summary>Moves the database's life on: a backup that is older than one of these rounds is known as such when it comes back.</summary>
public sealed class LifeBeat(RecogniseRestore restore, TimeProvider time, ILogger<LifeBeat> log) : RegularWork(TimeSpan.FromSeconds(10), "The database's life", time, log)
{
    protected override Task RoundAsync(CancellationToken cancel) => restore.BeatAsync(cancel);
}

using Hangfire.AspNetCore;
using Hangfire.Logging;

namespace Handrail.Jobs;

/// <summary>
/// What jobs say goes to the console's log. Hangfire keeps one provider for the whole process: where two consoles share one, as in tests, the
/// one that ended first leaves the other without a voice and not without its jobs.
/// </summary>
public sealed class JobLog(ILoggerFactory factory) : ILogProvider
{
    private readonly AspNetCoreLogProvider _console = new(factory);

    public ILog GetLogger(string name)
    {
        try
        {
            return _console.GetLogger(name);
        }
        catch (ObjectDisposedException)
        {
            return new Silence();
        }
    }

    private sealed class Silence : ILog
    {
        public bool Log(Hangfire.Logging.LogLevel logLevel, Func<string>? messageFunc, Exception? exception = null) => false;
    }
}

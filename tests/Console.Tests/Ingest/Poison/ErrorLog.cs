using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;

namespace Handrail.Ingest.Poison;

/// <summary>Keeps what is logged as an error: a sender can't be the cause of one.</summary>
internal sealed class ErrorLog : ILoggerProvider
{
    private const int MostKept = 100;

    public ConcurrentQueue<string> Errors { get; } = new();

    public ILogger CreateLogger(string categoryName) => new Category(this, categoryName);

    public void Dispose()
    {
    }

    private sealed class Category(ErrorLog log, string name) : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => logLevel >= LogLevel.Error;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            if (logLevel >= LogLevel.Error && log.Errors.Count < MostKept)
            {
                log.Errors.Enqueue($"{name}: {formatter(state, exception)} {exception}");
            }
        }
    }
}

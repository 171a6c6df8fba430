using System.Diagnostics;
using Handrail.Faults.Ingest;
using Handrail.Faults.Soak;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Diagnostics;

/// <summary>Runs in a console that <see cref="NormalSynchronous"/> or <see cref="ManagedHeap"/> starts; .NET finds it by this name (DOTNET_STARTUP_HOOKS).</summary>
internal static class StartupHook
{
    public static void Initialize()
    {
        if (Environment.GetEnvironmentVariable(NormalSynchronous.Switch) is not null)
        {
            DiagnosticListener.AllListeners.Subscribe(new Listeners());
        }

        if (Environment.GetEnvironmentVariable(ManagedHeap.Switch) is { } folder)
        {
            _ = ManagedHeap.AnswerAsync(folder);
        }
    }

    private sealed class Listeners : IObserver<DiagnosticListener>
    {
        public void OnNext(DiagnosticListener value)
        {
            if (value.Name == DbLoggerCategory.Name)
            {
                value.Subscribe(new Transactions());
            }
        }

        public void OnCompleted()
        {
        }

        public void OnError(Exception error)
        {
        }
    }

    /// <summary>A transaction is about to begin: the last moment at which its connection can be told how it is to end.</summary>
    private sealed class Transactions : IObserver<KeyValuePair<string, object?>>
    {
        public void OnNext(KeyValuePair<string, object?> value)
        {
            if (value.Value is TransactionStartingEventData { Context: { } context })
            {
                using var command = context.Database.GetDbConnection().CreateCommand();
                command.CommandText = "PRAGMA synchronous=NORMAL";
                command.ExecuteNonQuery();
            }
        }

        public void OnCompleted()
        {
        }

        public void OnError(Exception error)
        {
        }
    }
}

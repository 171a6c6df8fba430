using System.Diagnostics;
using Xunit.Sdk;

namespace Handrail.Testing;

/// <summary>Waits for what a test expects to become true, instead of for a length of time.</summary>
public static class Eventually
{
    /// <summary>After this a test gives up: far longer than anything here takes on a busy machine.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(20);

    /// <param name="expectation">What is waited for, in words: the failure's message.</param>
    public static async Task HoldsAsync(string expectation, Func<Task<bool>> condition)
    {
        var waited = Stopwatch.StartNew();
        while (!await condition())
        {
            if (waited.Elapsed > Patience)
            {
                throw new XunitException($"Waited {Patience.TotalSeconds:0} s in vain: {expectation}.");
            }

            await Task.Delay(Pause);
        }
    }

    /// <inheritdoc cref="HoldsAsync(string, Func{Task{bool}})"/>
    public static Task HoldsAsync(string expectation, Func<bool> condition) => HoldsAsync(expectation, () => Task.FromResult(condition()));
}

using System.Globalization;

namespace Handrail.TestAgent;

/// <summary>Halts errands where they are told to, and says so on standard output, until a line comes in: whoever reads it can end the process there and then.</summary>
internal sealed class Halts(TextWriter output)
{
    private readonly TaskCompletionSource _released = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public void Release() => _released.TrySetResult();

    /// <summary>Comes by a point. It knows no cancellation: no time limit of the client's takes the errand on.</summary>
    public Task AtAsync(Errand? errand, HaltPoint point)
    {
        if (errand is null || errand.HaltAt != point || _released.Task.IsCompleted)
        {
            return Task.CompletedTask;
        }

        Say("halted", errand, point.ToString());
        return point == HaltPoint.Waiting ? Task.CompletedTask : _released.Task;
    }

    public void Say(string what, Errand errand, string more)
    {
        lock (output)
        {
            output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{what}\t{errand.Session}\t{more}"));
            output.Flush();
        }
    }
}

using System.Threading.Channels;
using Microsoft.Extensions.Logging;

namespace Handrail.Client.Control;

/// <summary>Tells the agent's handlers of commands, apart from the listening: one that blocks must not keep a stop from being heard.</summary>
internal sealed class CommandRelay(Action<ControlCommand> raise, ILogger logger)
{
    private readonly Channel<ControlCommand> _commands = Channel.CreateUnbounded<ControlCommand>(new() { SingleReader = true });

    public void Add(ControlCommand command) => _commands.Writer.TryWrite(command);

    public void Complete() => _commands.Writer.TryComplete();

    public async Task RunAsync()
    {
        await foreach (var command in _commands.Reader.ReadAllAsync().ConfigureAwait(false))
        {
            try
            {
                raise(command);
            }
#pragma warning disable CA1031 // The agent's own code: what it throws is its matter, and told to its log.
            catch (Exception problem)
#pragma warning restore CA1031
            {
                logger.LogError(problem, "Handling the command {Kind} failed", command.Kind);
            }
        }
    }
}

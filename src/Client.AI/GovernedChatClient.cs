using System.Runtime.CompilerServices;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.Logging;

namespace Handrail.Client.AI;

/// <summary>
/// Calls the tools that a model asks for, as <see cref="FunctionInvokingChatClient"/> does and in its place, each only after the console let it go. While the session
/// is paused or in a person's hands the model is not called either; a stop ends the call that is under way.
/// </summary>
public sealed class GovernedChatClient : FunctionInvokingChatClient
{
    private readonly ToolGate _gate;

    /// <summary>Puts the gate between a model and its tools.</summary>
    /// <param name="innerClient">The model.</param>
    /// <param name="session">The session that it works in.</param>
    /// <param name="options">What calls mean as actions.</param>
    /// <param name="loggerFactory">For the base's log.</param>
    /// <param name="services">Given to the tools.</param>
    public GovernedChatClient(
        IChatClient innerClient, HandrailSession session, GovernanceOptions? options = null, ILoggerFactory? loggerFactory = null, IServiceProvider? services = null)
        : base(new WhileRunning(innerClient, session), loggerFactory, services) => _gate = new ToolGate(session, options ?? new GovernanceOptions());

    /// <inheritdoc/>
    public override Task<ChatResponse> GetResponseAsync(IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default) =>
        base.GetResponseAsync(messages, Governed(options), cancellationToken);

    /// <inheritdoc/>
    public override IAsyncEnumerable<ChatResponseUpdate> GetStreamingResponseAsync(
        IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default) =>
        base.GetStreamingResponseAsync(messages, Governed(options), cancellationToken);

    /// <inheritdoc/>
    protected override ValueTask<object?> InvokeFunctionAsync(FunctionInvocationContext context, CancellationToken cancellationToken)
    {
        // Wherever the function came from, of all ways to it none leads past the gate.
        context.Function = Governance.Governed(context.Function, _gate);
        return base.InvokeFunctionAsync(context, cancellationToken);
    }

    private ChatOptions? Governed(ChatOptions? options)
    {
        if (options?.Tools is not { Count: > 0 } tools)
        {
            return options;
        }

        var governed = options.Clone();
        governed.Tools = [.. tools.Select(tool => tool is AIFunction function ? Governance.Governed(function, _gate) : tool)];
        return governed;
    }

    private sealed class WhileRunning(IChatClient model, HandrailSession session) : DelegatingChatClient(model)
    {
        public override async Task<ChatResponse> GetResponseAsync(IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default)
        {
            await ReadyAsync(options, cancellationToken).ConfigureAwait(false);
            using var running = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, session.Stopped);
            return await base.GetResponseAsync(messages, options, running.Token).ConfigureAwait(false);
        }

        public override async IAsyncEnumerable<ChatResponseUpdate> GetStreamingResponseAsync(
            IEnumerable<ChatMessage> messages, ChatOptions? options = null, [EnumeratorCancellation] CancellationToken cancellationToken = default)
        {
            await ReadyAsync(options, cancellationToken).ConfigureAwait(false);
            using var running = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, session.Stopped);
            await foreach (var update in base.GetStreamingResponseAsync(messages, options, running.Token).ConfigureAwait(false))
            {
                yield return update;
            }
        }

        private async Task ReadyAsync(ChatOptions? options, CancellationToken cancellationToken)
        {
            await session.WaitWhilePausedAsync(cancellationToken).ConfigureAwait(false);

            // Before the policy was first read nobody knows what its masks hide, and the model would be shown everything.
            if (options?.Tools?.OfType<AIFunction>().FirstOrDefault() is { } tool)
            {
                await session.GetToolMaskAsync(tool.Name, cancellationToken).ConfigureAwait(false);
            }
        }
    }
}

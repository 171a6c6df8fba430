using Microsoft.Extensions.AI;
using Microsoft.Extensions.Logging;

namespace Handrail.Client.AI;

/// <summary>The one line by which an agent is governed.</summary>
public static class Governance
{
    /// <summary>
    /// Calls the tools that the model asks for, each only after the console let it go: in place of <c>UseFunctionInvocation</c>, or before it. Tools that the model's
    /// provider runs by itself pass by no gate but the provider's.
    /// </summary>
    /// <param name="builder">The agent's chain of clients.</param>
    /// <param name="session">The session that it works in.</param>
    /// <param name="configure">Says what calls mean as actions.</param>
    public static ChatClientBuilder UseHandrail(this ChatClientBuilder builder, HandrailSession session, Action<GovernanceOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentNullException.ThrowIfNull(session);
        var options = Configured(configure);
        return builder.Use((inner, services) => new GovernedChatClient(inner, session, options, (ILoggerFactory?)services.GetService(typeof(ILoggerFactory)), services));
    }

    /// <summary>The same tool, which asks the console before it does anything: for agents that call their tools by themselves, or by another framework.</summary>
    /// <param name="function">The tool; one of an MCP server too.</param>
    /// <param name="session">The session that it is called in.</param>
    /// <param name="configure">Says what calls mean as actions.</param>
    public static AIFunction GovernedBy(this AIFunction function, HandrailSession session, Action<GovernanceOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(function);
        ArgumentNullException.ThrowIfNull(session);
        return Governed(function, new ToolGate(session, Configured(configure)));
    }

    internal static AIFunction Governed(AIFunction function, ToolGate gate) =>
        function.GetService<GovernedFunction>() is null ? new GovernedFunction(function, gate) : function;

    private static GovernanceOptions Configured(Action<GovernanceOptions>? configure)
    {
        var options = new GovernanceOptions();
        configure?.Invoke(options);
        return options;
    }
}

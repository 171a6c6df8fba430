using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace Handrail.Client.AI;

/// <summary>How tool calls are put to the console.</summary>
public sealed class GovernanceOptions
{
    /// <summary>
    /// What a call of a tool means as an action, by the tool's name. A tool that is not named here is asked about too: its type is <c>tool.NAME</c>, and without a
    /// risk it counts as irreversible.
    /// </summary>
    public IDictionary<string, ToolAction> Tools { get; } = new Dictionary<string, ToolAction>(StringComparer.Ordinal);

    /// <summary>Told of results that the console did not take.</summary>
    public ILogger Logger { get; set; } = NullLogger.Instance;
}

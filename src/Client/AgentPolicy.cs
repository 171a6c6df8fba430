using System.Text.Json;

namespace Handrail.Client;

/// <summary>What rules an agent: the fleet's layer and its own. An action goes only if every layer lets it go.</summary>
/// <param name="Agent">The agent.</param>
/// <param name="Version">Fleet's and agent's version: <c>3.17</c>.</param>
/// <param name="Layers">The layers, each a policy document of its own.</param>
public sealed record AgentPolicy(string Agent, string Version, IReadOnlyList<AgentPolicyLayer> Layers);

/// <summary>One layer.</summary>
/// <param name="Scope"><c>fleet</c> or <c>agent</c>.</param>
/// <param name="Version">The layer's own version.</param>
/// <param name="Policy">The document, as it was published.</param>
public sealed record AgentPolicyLayer(string Scope, long Version, JsonElement Policy);

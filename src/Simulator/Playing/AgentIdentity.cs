namespace Handrail.Simulator.Playing;

/// <summary>An agent as its telemetry names it.</summary>
/// <param name="Name">Also the telemetry's <c>service.name</c>.</param>
/// <param name="Version">Also <c>service.version</c>.</param>
/// <param name="Provider">Who runs the model, as <c>gen_ai.provider.name</c> spells it.</param>
/// <param name="Model">The model it thinks with.</param>
/// <param name="Instructions">Its system prompt.</param>
internal sealed record AgentIdentity(string Name, string Version, string Provider, string Model, string Instructions);

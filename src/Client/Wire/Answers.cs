using System.Text.Json;
using System.Text.Json.Nodes;

namespace Handrail.Client.Wire;

internal sealed record ActionAnswer(
    string? ActionId,
    string? SessionId,
    string? Verdict,
    string? Status,
    bool? Proceed,
    IReadOnlyList<DecisionReason?>? Reasons,
    string? PolicyVersion,
    string? HandoffId,
    DateTimeOffset? ExpiresAt,
    JsonElement? Arguments,
    decimal? Amount,
    bool? Edited,
    string? DecidedBy,
    string? Note,
    string? Grant);

internal sealed record CostsAnswer(int Accepted, int Duplicates, IReadOnlyList<RejectedCost>? Rejected);

internal sealed record HandoffAnswer(string? HandoffId, string? Status, JsonNode? Answer, string? DecidedBy, string? Note);

internal sealed record ControlAnswer(string? State, long? Seq, IReadOnlyList<CommandAnswer?>? Commands);

internal sealed record CommandAnswer(long? Seq, string? Kind, string? Reason, string? By, DateTimeOffset? At, JsonElement? Payload);

internal sealed record PolicyAnswer(string? Agent, string? Version, IReadOnlyList<LayerAnswer?>? Layers, string? Signature);

internal sealed record LayerAnswer(string? Scope, long? Version, JsonElement? Policy);

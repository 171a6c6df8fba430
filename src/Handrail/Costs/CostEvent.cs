namespace Handrail.Costs;

/// <summary>A cost that no span carries.</summary>
public sealed class CostEvent
{
    public required string Team { get; set; }

    /// <summary>The sender's id: a retry counts once.</summary>
    public required string Id { get; set; }

    public required string SessionId { get; set; }

    public required string Agent { get; set; }

    public DateTimeOffset At { get; set; }

    public DateTimeOffset ReceivedAt { get; set; }

    public required string Kind { get; set; }

    public string? Name { get; set; }

    public decimal Amount { get; set; }

    public required string Currency { get; set; }

    public long? InputTokens { get; set; }

    public long? OutputTokens { get; set; }

    public string? MetadataJson { get; set; }
}

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

/// <summary>What was spent in one hour by one agent on one model or other source.</summary>
public sealed class HourlyCost
{
    public DateTimeOffset Hour { get; set; }

    public required string Agent { get; set; }

    /// <summary>The model answered, or <c>kind:name</c> of a cost event.</summary>
    public required string Source { get; set; }

    public long CostNanos { get; set; }

    public long InputTokens { get; set; }

    public long OutputTokens { get; set; }

    public int Calls { get; set; }
}

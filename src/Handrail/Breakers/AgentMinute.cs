namespace Handrail.Breakers;

/// <summary>
/// What an agent spent and did within one minute of the console's clock: what breakers with a window add up. Minutes that are long past are
/// put together to hours, under the hour's first minute.
/// </summary>
public sealed class AgentMinute
{
    public required DateTimeOffset Minute { get; set; }

    public required string Agent { get; set; }

    /// <summary>Billionths of a US dollar.</summary>
    public long CostNanos { get; set; }

    public int Turns { get; set; }

    public int Steps { get; set; }

    public int LlmCalls { get; set; }

    public int ToolCalls { get; set; }

    /// <summary>In and out.</summary>
    public long Tokens { get; set; }

    public int Errors { get; set; }

    public int UnpricedCalls { get; set; }

    public bool IsEmpty => CostNanos == 0 && Turns == 0 && Steps == 0 && LlmCalls == 0 && ToolCalls == 0 && Tokens == 0 && Errors == 0 && UnpricedCalls == 0;

    /// <summary>The minute that a moment falls into.</summary>
    public static DateTimeOffset Of(DateTimeOffset at) => at.AddTicks(-(at.UtcTicks % TimeSpan.TicksPerMinute));
}

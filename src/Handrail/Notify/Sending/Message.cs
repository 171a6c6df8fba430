namespace Handrail.Notify.Sending;

/// <summary>All that one attempt needs, as it stands at that attempt.</summary>
internal sealed record Message(Channel Channel, ChannelAddress Address, ChannelSecret? Secret, Delivery Delivery, Notice Notice, Alert? Alert)
{
    /// <summary>Whom mail goes to.</summary>
    public IReadOnlyList<string> Recipients { get; init; } = [];

    /// <summary>The time of the attempt.</summary>
    public required DateTimeOffset At { get; init; }

    public string Title => Delivery.Event switch
    {
        DeliveryEvent.Acknowledge => $"Acknowledged{(Alert?.AcknowledgedBy is { } by ? $" by {Wording.Line(by)}" : "")}: {Wording.Title(Notice, Channel.Detail)}",
        DeliveryEvent.Resolve => $"Resolved{(Alert?.ResolvedBy is { } by ? $" by {Wording.Line(by)}" : "")}: {Wording.Title(Notice, Channel.Detail)}",
        _ => Wording.Title(Notice, Channel.Detail),
    };

    public IEnumerable<(string Label, string Value)> Facts => Channel.Detail == ChannelDetail.LinkOnly ? [] : Wording.Facts(Notice);
}

/// <summary>Whose fault a failure is, which says what else is to wait.</summary>
internal enum Fault
{
    None,

    /// <summary>The other end is away or refuses everything: the whole channel waits.</summary>
    Channel,

    /// <summary>This message was refused; others may go.</summary>
    Message,

    /// <summary>It was refused for good: trying again is of no use.</summary>
    Final,
}

/// <summary>How an attempt went.</summary>
/// <param name="Error">In our own words, without anything secret and without what the other end said.</param>
internal sealed record Attempt(Fault Fault, string? Error = null, int? Status = null, TimeSpan? RetryAfter = null)
{
    public static Attempt Delivered(int? status, string? note = null) => new(Fault.None, note, status);
}

/// <summary>One kind of channel's way of sending.</summary>
internal interface ISender
{
    ChannelKind Kind { get; }

    /// <exception cref="OperationCanceledException">The time for it is over, or the console ends.</exception>
    /// <exception cref="OutsideException">The address may not be connected to, or does not answer.</exception>
    Task<Attempt> SendAsync(Message message, CancellationToken cancel);
}

using System.Text.Json;
using Handrail.Sessions;
using Handrail.Store;

namespace Handrail.ReadBack;

public enum FeedEventKind
{
    /// <summary>Another policy rules the agent; the content is what reading the policy gives.</summary>
    Policy,

    /// <summary>People ordered something; the content is <see cref="ControlNews"/>.</summary>
    Control,

    /// <summary>A person, or the deadline, decided an action; the content is what asking for the action gives, without the grant: that is given out only to who asks.</summary>
    Action,

    /// <summary>A question was answered or is over; the content is what reading the handoff gives.</summary>
    Handoff,
}

/// <summary>One thing to tell, and how far whoever heard it has heard.</summary>
public sealed record FeedEvent(FeedEventKind Kind, object Content, FeedPosition Position);

/// <summary>Orders that an agent has not heard of yet, and the state that they lead to.</summary>
/// <param name="SessionId">The session they are for; null when they are for every session of the agent.</param>
/// <param name="Disabled">What is switched off over the whole fleet; null in the news of one session.</param>
public sealed record ControlNews(string Agent, string? SessionId, ControlState State, long Seq, IReadOnlyList<ControlLine> Commands, IReadOnlyList<SwitchedOffReading>? Disabled);

/// <summary>An order as agents read it.</summary>
public sealed record ControlLine(long Seq, ControlKind Kind, string? Reason, string By, DateTimeOffset At, JsonElement? Payload)
{
    public static ControlLine Of(ControlCommand command) =>
        new(command.Seq, command.Kind, command.Reason, command.By, command.At, JsonText.Element(command.PayloadJson));
}

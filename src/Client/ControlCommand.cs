using System.Text.Json;

namespace Handrail.Client;

/// <summary>What a person told a session to do.</summary>
public sealed record ControlCommand
{
    /// <summary>Its place in the session's commands.</summary>
    public required long Seq { get; init; }

    /// <summary>What is to be done.</summary>
    public required ControlKind Kind { get; init; }

    /// <summary>Why.</summary>
    public string? Reason { get; init; }

    /// <summary>Who.</summary>
    public string? By { get; init; }

    /// <summary>When it was given.</summary>
    public DateTimeOffset? At { get; init; }

    /// <summary>What comes with it, such as a message's <c>text</c>.</summary>
    public JsonElement? Payload { get; init; }

    /// <summary>The words of a <see cref="ControlKind.Message"/>, or of the note that comes with a hand-back.</summary>
    public string? Text =>
        Payload is { ValueKind: JsonValueKind.Object } payload && payload.TryGetProperty("text", out var text) && text.ValueKind is JsonValueKind.String
            ? text.GetString()
            : null;
}

/// <summary>The commands there are.</summary>
public enum ControlKind
{
    /// <summary>A command that this client does not know. It is not obeyed and not acknowledged.</summary>
    Unknown,

    /// <summary>Start nothing new.</summary>
    Pause,

    /// <summary>Go on.</summary>
    Resume,

    /// <summary>End, for good.</summary>
    Stop,

    /// <summary>A person has the session now.</summary>
    TakeOver,

    /// <summary>A person says something to the agent.</summary>
    Message,

    /// <summary>The person gives the session back.</summary>
    HandBack,

    /// <summary>A tool or an action type was switched off over the whole fleet: the gate denies it. The payload names it, as <c>tool</c> or <c>type</c>.</summary>
    Disable,

    /// <summary>It was switched on again.</summary>
    Enable,
}

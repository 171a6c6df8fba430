namespace Handrail.Telemetry;

/// <summary>A row of the table of log events: an event that stands for a call, or for something else that an agent did.</summary>
/// <param name="Name">The event's whole name; with <c>*</c> at its end, every name that begins so and has no row of its own.</param>
/// <param name="Kind">What it stands for; null when its attributes say so, as a span's do.</param>
internal sealed record LogEvent(string Name, Dialect Dialect, StepKind? Kind)
{
    /// <summary>Only when this attribute says so; else the next row of that name is asked, and without one the record is no step.</summary>
    public FailureSource? When { get; init; }

    /// <summary>Such an event means that the call failed.</summary>
    public bool Fails { get; init; }

    /// <summary>It begins a turn: what else belongs to the turn stands under it.</summary>
    public bool BeginsTurn { get; init; }

    public TokenSource? Tokens { get; init; }

    public Source[] Model { get; init; } = [];

    public Source[] ToolName { get; init; } = [];

    /// <summary>What tells the call that is meant from others, in this event as in the span of the same call.</summary>
    public Source[] CallId { get; init; } = [];

    public Source[] Arguments { get; init; } = [];

    public Source[] Result { get; init; } = [];

    public Source[] Input { get; init; } = [];

    public Source[] Output { get; init; } = [];

    /// <summary>The record's body is a message that went in.</summary>
    public bool IsInput { get; init; }

    /// <summary>The record's body is what came out.</summary>
    public bool IsOutput { get; init; }

    /// <summary>How long it took, in milliseconds; the event is told at its end.</summary>
    public Source[] DurationMs { get; init; } = [];

    public Source[] ErrorType { get; init; } = [];

    public Source[] ErrorMessage { get; init; } = [];

    public bool Names(string name) => Name is [.., '*'] ? name.StartsWith(Name[..^1], StringComparison.Ordinal) : Name == name;
}

/// <summary>
/// A product whose calls are told of in its log events, whole and once: its spans are for the waterfall alone, because they leave figures out
/// or can't be joined with the events.
/// </summary>
/// <param name="Services">The <c>service.name</c>s that it goes by.</param>
/// <param name="KeptSpans">Names of its spans that say something; null keeps all.</param>
internal sealed record LedgerInLogs(Dialect Dialect, string[] Services, string[]? KeptSpans);

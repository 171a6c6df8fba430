using System.Globalization;
using Handrail.Shell.Display;
using Handrail.Telemetry;
using Microsoft.AspNetCore.Components;

namespace Handrail.Sessions;

/// <summary>The steps of a session on time, turn by turn, as many as there are; only those in view are drawn.</summary>
public partial class StepList
{
    private IReadOnlyList<SessionStep>? _laidOut;
    private List<WaterfallRow> _rows = [];

    [Parameter, EditorRequired]
    public required IReadOnlyList<SessionStep> Steps { get; set; }

    [Parameter, EditorRequired]
    public required int Turns { get; set; }

    [Parameter, EditorRequired]
    public required DateTimeOffset Now { get; set; }

    /// <summary>The address that opens a step, by its <see cref="Key"/>; with null, the one that closes it.</summary>
    [Parameter, EditorRequired]
    public required Func<string?, string> Address { get; set; }

    /// <summary>The open step as <see cref="Key"/> names it.</summary>
    [Parameter]
    public string? Open { get; set; }

    public static string Key(SessionStep step) => $"{step.TraceId}.{step.SpanId}";

    private bool IsOpen(SessionStep step) => Open == Key(step);

    /// <summary>A second press closes the step.</summary>
    private string AddressOf(SessionStep step) => Address(IsOpen(step) ? null : Key(step));

    protected override void OnParametersSet()
    {
        if (!ReferenceEquals(_laidOut, Steps))
        {
            (_laidOut, _rows) = (Steps, Waterfall.Of(Steps, Turns));
        }
    }

    /// <summary>What a step is called in one word or two.</summary>
    public static string Title(SessionStep step) => step switch
    {
        { Kind: StepKind.Llm or StepKind.Embedding, Model: { } model } => model,
        { Kind: StepKind.Tool, Tool: { } tool } => tool,
        { Kind: StepKind.Handoff, HandoffTarget: { } target } => $"to {target}",
        { Kind: StepKind.Agent, Agent: { } agent } => agent,
        _ => step.Name,
    };

    private static bool IsCall(SessionStep step) => step.Kind is StepKind.Llm or StepKind.Embedding;

    private static string TokensOf(SessionStep step) => step switch
    {
        { InputTokens: null, OutputTokens: null } => IsCall(step) ? Figures.Unknown : "",
        _ => $"{Part(step.InputTokens)} → {Part(step.OutputTokens)}",
    };

    private static string? TokensTitle(SessionStep step) => step is { InputTokens: null, OutputTokens: null }
        ? null
        : $"In {Whole(step.InputTokens)}, of it from the cache {Whole(step.CachedTokens)}; out {Whole(step.OutputTokens)}, of it reasoning {Whole(step.ReasoningTokens)}";

    private static string Part(long? count) => count is { } known ? Figures.Short(known) : Figures.Unknown;

    private static string Whole(long? count) => count is { } known ? Figures.Count(known) : "unknown";

    private static string N(double value) => value.ToString("0.##", CultureInfo.InvariantCulture);
}

using Handrail.Shell.Display;
using Microsoft.AspNetCore.Components;

namespace Handrail.Sessions;

/// <summary>What an open step said and carried, as its sender wrote it.</summary>
public partial class StepDetail
{
    [Parameter, EditorRequired]
    public required SessionStep Step { get; set; }

    [Parameter]
    public StepContentReading? Content { get; set; }

    [Parameter, EditorRequired]
    public required DateTimeOffset Now { get; set; }

    [CascadingParameter]
    public TimeZoneInfo Zone { get; set; } = TimeZoneInfo.Utc;

    private IEnumerable<(string Label, string Text)> Parts => new (string Label, string? Text)[]
    {
        ("Arguments", ReadableJson.Of(Content?.ToolArguments)),
        ("Result", ReadableJson.Of(Content?.ToolResult)),
        ("System instructions", ReadableJson.Of(Content?.SystemInstructions)),
        ("Tool definitions", ReadableJson.Of(Content?.ToolDefinitions)),
        ("Messages in", ReadableJson.Of(Content?.InputMessages)),
        ("Messages out", ReadableJson.Of(Content?.OutputMessages)),
        ("Finish reasons", Content?.FinishReasons),
        ("Instrumentation", Content?.Scope),
        ("Everything the span carried", ReadableJson.Of(Content?.Attributes)),
    }.Where(p => !string.IsNullOrEmpty(p.Text)).Select(p => (p.Label, p.Text!));

    private static string? Of(long? part, string what) => part is { } known ? $" ({Figures.Count(known)} {what})" : null;

    private static string Whole(long? count) => count is { } known ? Figures.Count(known) : "unknown";
}

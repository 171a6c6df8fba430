using System.Text.Json;
using Microsoft.AspNetCore.Components;

namespace Handrail.Handoffs;

/// <summary>What the agent says of its own request: quoted, never mixed with ours.</summary>
public partial class AgentWords
{
    private IReadOnlyList<Citation> _citations = [];
    private List<Check> _checks = [];
    private long? _read;

    [Parameter, EditorRequired]
    public required HandoffAnswer Handoff { get; set; }

    protected override void OnParametersSet()
    {
        if (_read != Handoff.Version)
        {
            _read = Handoff.Version;
            _citations = Citation.From(Handoff.AgentSays.Citations);
            _checks = Handoff.Checks is { ValueKind: JsonValueKind.Array } checks ? [.. checks.EnumerateArray().Where(c => c.ValueKind == JsonValueKind.Object).Select(Check.Of)] : [];
        }
    }

    private sealed record Check(string? Name, bool? Passed, string? Detail)
    {
        public static Check Of(JsonElement check) => new(
            Text(check, "name"),
            check.TryGetProperty("passed", out var passed) ? passed.ValueKind switch { JsonValueKind.True => true, JsonValueKind.False => false, _ => null } : null,
            Text(check, "detail"));

        private static string? Text(JsonElement check, string name) => check.TryGetProperty(name, out var value) ? FormField.TextOf(value) : null;
    }
}

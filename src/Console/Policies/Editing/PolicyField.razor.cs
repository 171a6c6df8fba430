using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Components;

namespace Handrail.Policies.Editing;

/// <summary>One member of a draft, typed; with what is wrong with it.</summary>
public partial class PolicyField
{
    private readonly string _id = $"f-{Guid.NewGuid():n}";

    [CascadingParameter]
    public required EditingScope Editing { get; set; }

    /// <summary>The entry that the member is of.</summary>
    [Parameter, EditorRequired]
    public required JsonObject Owner { get; set; }

    /// <summary>The member, or the way to it: <c>mask.show</c>.</summary>
    [Parameter, EditorRequired]
    public required string Name { get; set; }

    [Parameter, EditorRequired]
    public required string Label { get; set; }

    [Parameter]
    public TypedKind Kind { get; set; }

    /// <summary>The values that it may have, with their names; null where anything may be typed.</summary>
    [Parameter]
    public IEnumerable<(string Value, string Name)>? Choices { get; set; }

    /// <summary>It can't be left empty, so that no choice says so.</summary>
    [Parameter]
    public bool Required { get; set; }

    /// <summary>What a choice of nothing is called.</summary>
    [Parameter]
    public string Absent { get; set; } = "not set";

    [Parameter]
    public string? Placeholder { get; set; }

    [Parameter]
    public string? Hint { get; set; }

    /// <summary>The id of a list of values to suggest.</summary>
    [Parameter]
    public string? Suggestions { get; set; }

    [Parameter]
    public bool Wide { get; set; }

    private string Text => DraftDocument.Text(Owner, Name);

    private IReadOnlyList<string> Errors => DraftDocument.PathOf(Owner, Name) is var path && Kind is TypedKind.Lines or TypedKind.NumberLines
        ? [.. Editing.Form.ErrorsAt(path), .. Editing.Form.ErrorsInLines(path)]
        : Editing.Form.ErrorsAt(path);

    private string Invalid => Errors.Count > 0 ? "true" : "false";

    private string? Described => Errors.Count > 0 ? $"{_id}-error" : null;

    private Task SetAsync(ChangeEventArgs change)
    {
        Editing.Form.Set(Owner, Name, TypedValue.Of(change.Value as string, Kind));
        return Editing.Changed.InvokeAsync();
    }
}

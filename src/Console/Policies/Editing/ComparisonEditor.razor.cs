using System.Text.Json.Nodes;
using Handrail.Policy;
using Microsoft.AspNetCore.Components;

namespace Handrail.Policies.Editing;

/// <summary>One comparison of a condition: what is looked at, how, with what, and what follows where it is missing.</summary>
public partial class ComparisonEditor
{
    [CascadingParameter]
    public required EditingScope Editing { get; set; }

    [Parameter, EditorRequired]
    public required JsonObject Node { get; set; }

    [Parameter]
    public bool MayRemove { get; set; }

    private string FieldText => DraftDocument.Text(Node, "field");

    private ConditionField? Member => ConditionField.Of(FieldText);

    /// <summary>What the list of members shows: all arguments are one entry.</summary>
    private string FieldName => Member?.Name ?? FieldText;

    private string OperatorWord => DraftDocument.Text(Node, "op");

    private Operator Op => Words.TryParse<Operator>(OperatorWord, out var op) ? op : Operator.Eq;

    /// <summary>What can be known to hold of it, and what stands there even if it can't.</summary>
    private IEnumerable<Operator> Offered => (Member?.Operators ?? Enum.GetValues<Operator>()).Union([Op]);

    private TypedKind Kind => ConditionForm.KindOf(Node, Op);

    private string ValueKind => TypedValue.KindOf(Node["value"]).ToString();

    private IReadOnlyList<string> FieldErrors => [.. ErrorsAt("field"), .. ErrorsAt("op"), .. ErrorsAt("missing")];

    private IReadOnlyList<string> ValueErrors => [.. ErrorsAt("value"), .. Editing.Form.ErrorsInLines(DraftDocument.PathOf(Node, "value"))];

    private IReadOnlyList<string> ErrorsAt(string name) => Editing.Form.ErrorsAt(DraftDocument.PathOf(Node, name));

    private Task SpeakAsync(ChangeEventArgs change)
    {
        ConditionForm.Speak(Node, change.Value as string ?? "");
        return Editing.ChangedAsync();
    }

    private Task PathAsync(ChangeEventArgs change)
    {
        Node["field"] = ConditionField.Arguments + (change.Value as string ?? "").Trim();
        return Editing.ChangedAsync();
    }

    private Task OperateAsync(ChangeEventArgs change)
    {
        if (Words.TryParse<Operator>(change.Value as string, out var op))
        {
            ConditionForm.Operate(Node, op);
        }

        return Editing.ChangedAsync();
    }

    /// <summary>An argument may be of any kind: the value says which.</summary>
    private Task TurnValueAsync(ChangeEventArgs change)
    {
        var kind = Enum.TryParse<TypedKind>(change.Value as string, out var asked) ? asked : TypedKind.Text;
        var text = DraftDocument.Text(Node, "value");
        var many = Op is Operator.In or Operator.NotIn;
        Node["value"] = kind switch
        {
            TypedKind.Flag => text == "true",
            TypedKind.Number when many => TypedValue.Of(text, TypedKind.NumberLines) ?? new JsonArray(0),
            TypedKind.Number => TypedValue.KindOf(TypedValue.Of(text, TypedKind.Number)) == TypedKind.Number ? TypedValue.Of(text, TypedKind.Number) : 0,
            _ => TypedValue.Of(text, many ? TypedKind.Lines : TypedKind.Text),
        };
        return Editing.ChangedAsync();
    }

    private Task ValueAsync(ChangeEventArgs change, TypedKind kind) => SetAsync("value", change, kind);

    private Task SetAsync(string name, ChangeEventArgs change, TypedKind kind)
    {
        Editing.Form.Set(Node, name, TypedValue.Of(change.Value as string, kind));
        return Editing.Changed.InvokeAsync();
    }

    private Task RemoveAsync()
    {
        Editing.Form.Remove(Node);
        return Editing.Changed.InvokeAsync();
    }
}

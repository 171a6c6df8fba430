using Microsoft.AspNetCore.Components;

namespace Handrail.Shell.Display;

/// <summary>A short text of unknown origin within a line of ours: a title, a name, an id. Unseen characters become marks; what is too long is cut.</summary>
public partial class Plain
{
    private IReadOnlyList<TextRun> _runs = [];
    private string? _text;

    [Parameter, EditorRequired]
    public required string? Text { get; set; }

    /// <summary>In characters.</summary>
    [Parameter]
    public int Limit { get; set; } = 200;

    protected override void OnParametersSet()
    {
        if (string.Equals(_text, Text, StringComparison.Ordinal))
        {
            return;
        }

        _text = Text;
        var text = Text ?? "";
        var cut = Math.Min(Limit, text.Length);
        if (cut > 0 && cut < text.Length && char.IsHighSurrogate(text[cut - 1]))
        {
            cut++;
        }

        _runs = VisibleText.Of(cut < text.Length ? text[..cut] + "…" : text);
    }
}

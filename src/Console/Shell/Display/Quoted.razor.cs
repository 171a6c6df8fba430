using Microsoft.AspNetCore.Components;

namespace Handrail.Shell.Display;

/// <summary>
/// What an agent, or anybody outside, wrote: as plain text in a frame of its own, so that it can't pass for ours. Nothing in it is
/// a link, an image or markup.
/// </summary>
public partial class Quoted
{
    /// <summary>How much more one press on "show more" brings, in characters: as much as a browser draws without a pause.</summary>
    private const int Portion = 20_000;

    private IReadOnlyList<TextRun> _runs = [];
    private string? _text;
    private int _shown;

    [Parameter, EditorRequired]
    public required string? Text { get; set; }

    /// <summary>Whose words they are, in ours: "Reasoning of the agent".</summary>
    [Parameter]
    public string? Label { get; set; }

    /// <summary>Shown before anybody asks for more, in characters.</summary>
    [Parameter]
    public int Limit { get; set; } = 600;

    /// <summary>Fixed-width, for arguments and the like.</summary>
    [Parameter]
    public bool Code { get; set; }

    protected override void OnParametersSet()
    {
        if (!string.Equals(_text, Text, StringComparison.Ordinal))
        {
            // A person who asked for more keeps it while the text only grows.
            var grows = _text is not null && Text?.StartsWith(_text, StringComparison.Ordinal) == true;
            _text = Text;
            Show(grows ? Math.Max(_shown, Limit) : Limit);
        }
    }

    private void ShowMore() => Show(_shown + Portion);

    private void Show(int length)
    {
        var text = Text ?? "";
        _shown = Math.Min(length, text.Length);
        if (_shown > 0 && _shown < text.Length && char.IsHighSurrogate(text[_shown - 1]))
        {
            _shown++;
        }

        _runs = VisibleText.Of(text[.._shown]);
    }
}

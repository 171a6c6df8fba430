using Microsoft.AspNetCore.Components;
using MudBlazor;

namespace Handrail.Shell.Display;

/// <summary>Says what is about to happen and asks why, before it happens.</summary>
public partial class ReasonDialog
{
    private const int Longest = 1_000;

    private string? _reason;

    [CascadingParameter]
    public required IMudDialogInstance Dialog { get; set; }

    /// <summary>What happens on confirming, in one or two sentences.</summary>
    [Parameter, EditorRequired]
    public required string Effect { get; set; }

    /// <summary>The word on the button: "Stop the fleet".</summary>
    [Parameter, EditorRequired]
    public required string Deed { get; set; }

    [Parameter]
    public bool Required { get; set; } = true;

    [Parameter]
    public Color Colour { get; set; } = Color.Primary;

    /// <summary>Asks; the reason that was given, or null when the person thought better of it.</summary>
    public static async Task<string?> AskAsync(IDialogService dialogs, string title, string effect, string deed, bool required = true, Color colour = Color.Primary)
    {
        var parameters = new DialogParameters<ReasonDialog>
        {
            { d => d.Effect, effect },
            { d => d.Deed, deed },
            { d => d.Required, required },
            { d => d.Colour, colour },
        };
        var dialog = await dialogs.ShowAsync<ReasonDialog>(title, parameters, new DialogOptions { MaxWidth = MaxWidth.Small, FullWidth = true, CloseOnEscapeKey = true });
        var result = await dialog.Result;
        return result is { Canceled: false, Data: string reason } ? reason : null;
    }

    private void Cancel() => Dialog.Cancel();

    private void Confirm() => Dialog.Close(DialogResult.Ok(_reason?.Trim() ?? ""));
}

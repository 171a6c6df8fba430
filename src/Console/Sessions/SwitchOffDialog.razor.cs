using Microsoft.AspNetCore.Components;
using MudBlazor;

namespace Handrail.Sessions;

/// <summary>What is to be switched off, and why.</summary>
/// <param name="What"><see cref="SwitchOff.Tool"/> or <see cref="SwitchOff.Type"/>.</param>
public sealed record SwitchOffOrder(string What, string Name, string Reason);

/// <summary>Asks which tool or action type is to be switched off, and why, before it is.</summary>
public partial class SwitchOffDialog
{
    private string _what = SwitchOff.Tool;
    private string _name = "";
    private string? _reason;

    [CascadingParameter]
    public required IMudDialogInstance Dialog { get; set; }

    /// <summary>Names to choose from; any other may be typed.</summary>
    [Parameter, EditorRequired]
    public required NamesInUse Names { get; set; }

    private bool Complete => !string.IsNullOrWhiteSpace(_name) && !string.IsNullOrWhiteSpace(_reason);

    /// <summary>Asks; null when the person thought better of it.</summary>
    public static async Task<SwitchOffOrder?> AskAsync(IDialogService dialogs, NamesInUse names)
    {
        var dialog = await dialogs.ShowAsync<SwitchOffDialog>(
            "Switch off a tool or an action type?", new DialogParameters<SwitchOffDialog> { { d => d.Names, names } },
            new DialogOptions { MaxWidth = MaxWidth.Small, FullWidth = true, CloseOnEscapeKey = true });
        return await dialog.Result is { Canceled: false, Data: SwitchOffOrder order } ? order : null;
    }

    private void Confirm()
    {
        if (Complete)
        {
            Dialog.Close(DialogResult.Ok(new SwitchOffOrder(_what, _name.Trim(), _reason!.Trim())));
        }
    }
}

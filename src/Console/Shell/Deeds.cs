using Handrail.Shell.Display;
using MudBlazor;

namespace Handrail.Shell;

/// <summary>What a person does from a page: asked for its reason, carried out, its result said.</summary>
public sealed class Deeds(IDialogService dialogs, ISnackbar snackbar)
{
    /// <summary>For dialogs that ask for more than a reason.</summary>
    public IDialogService Dialogs => dialogs;

    /// <summary>The reason that was given; null when the person thought better of it.</summary>
    public Task<string?> AskAsync(string title, string effect, string deed, bool required = true, Color colour = Color.Primary) =>
        ReasonDialog.AskAsync(dialogs, title, effect, deed, required, colour);

    /// <summary>True when it was done. A refusal is shown in its own words; anything else goes on to the error boundary.</summary>
    public async Task<bool> TryAsync(string done, Func<Task> deed)
    {
        try
        {
            await deed();
            snackbar.Add(done, Severity.Success);
            return true;
        }
        catch (Refusal refusal)
        {
            snackbar.Add(refusal.Message, Severity.Error, options => options.RequireInteraction = true);
            return false;
        }
    }
}

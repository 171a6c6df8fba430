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

    /// <summary>The same for what can only say afterwards what became of it.</summary>
    /// <param name="deed">Gives back what is said.</param>
    /// <inheritdoc cref="TryAsync(string, Func{Task})"/>
    public async Task<bool> TryAsync(Func<Task<(string Said, Severity How)>> deed)
    {
        try
        {
            var (said, how) = await deed();
            snackbar.Add(said, how, options => options.RequireInteraction = how != Severity.Success);
            return true;
        }
        catch (Refusal refusal)
        {
            Show(refusal);
            return false;
        }
    }

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
            Show(refusal);
            return false;
        }
    }

    private void Show(Refusal refusal) => snackbar.Add(refusal.Message, Severity.Error, options => options.RequireInteraction = true);
}

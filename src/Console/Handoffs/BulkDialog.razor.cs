using System.Globalization;
using Microsoft.AspNetCore.Components;
using MudBlazor;

namespace Handrail.Handoffs;

/// <summary>Shows what would be approved together, with its sum, before anything is.</summary>
public sealed partial class BulkDialog : IDisposable
{
    private readonly CancellationTokenSource _rest = new();
    private string _limit = "";
    private bool _wrong;
    private bool _running;
    private bool _over;

    [CascadingParameter]
    public required IMudDialogInstance Dialog { get; set; }

    [Inject]
    public required DecideHandoff Decide { get; set; }

    [Parameter, EditorRequired]
    public required BulkApproval Bulk { get; set; }

    /// <returns>Done once the person has closed it.</returns>
    public static async Task ShowAsync(IDialogService dialogs, BulkApproval bulk)
    {
        var dialog = await dialogs.ShowAsync<BulkDialog>(
            "Approve many", new DialogParameters<BulkDialog> { { d => d.Bulk, bulk } }, new DialogOptions { MaxWidth = MaxWidth.Small, FullWidth = true, CloseOnEscapeKey = true, BackdropClick = false });
        await dialog.Result;
    }

    public void Dispose()
    {
        _rest.Cancel();
        _rest.Dispose();
    }

    protected override void OnInitialized() => _limit = Bulk.Limit.ToString("0.############################", CultureInfo.InvariantCulture);

    private void SetLimit(ChangeEventArgs change)
    {
        _limit = change.Value as string ?? "";
        _wrong = !decimal.TryParse(_limit.Trim(), NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var limit);
        Bulk.Limit = _wrong ? 0 : limit;
    }

    private async Task RunAsync()
    {
        _running = true;
        try
        {
            await Bulk.RunAsync(Decide, () => InvokeAsync(StateHasChanged), _rest.Token);
        }
        catch (OperationCanceledException)
        {
            // The rest was left.
        }

        (_running, _over) = (false, true);
    }

    private void Cancel()
    {
        if (_running)
        {
            _rest.Cancel();
        }
        else
        {
            Dialog.Cancel();
        }
    }
}

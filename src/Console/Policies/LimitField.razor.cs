using System.Globalization;
using Microsoft.AspNetCore.Components;

namespace Handrail.Policies;

/// <summary>The highest amount of one action type. An empty amount takes the limit away.</summary>
public partial class LimitField
{
    private readonly string _id = $"limit-{Guid.NewGuid():n}";
    private AutonomyRow? _shown;
    private string _amount = "";
    private string _currency = "";
    private string? _error;

    [Parameter, EditorRequired]
    public required AutonomyRow Row { get; set; }

    /// <summary>Whose limit it is, in words.</summary>
    [Parameter, EditorRequired]
    public required string Subject { get; set; }

    /// <summary>Amounts of the past, of this type and in the limit's currency.</summary>
    [Parameter]
    public ThresholdHistory? Amounts { get; set; }

    [Parameter]
    public bool MayEdit { get; set; }

    [Parameter]
    public EventCallback<PolicyEdit> Moved { get; set; }

    protected override void OnParametersSet()
    {
        // What was typed wrongly stays until it is put right, or the limit itself changes.
        if (_shown is null || _shown.Limit != Row.Limit || _shown.Currency != Row.Currency)
        {
            _shown = Row;
            _amount = Row.Limit?.MaxAmount?.ToString("0.############################", CultureInfo.InvariantCulture) ?? "";
            _currency = Row.Currency;
            _error = null;
        }
    }

    private Task SetAmount(ChangeEventArgs change)
    {
        _amount = (change.Value as string ?? "").Trim();
        return MoveAsync();
    }

    private Task SetCurrency(ChangeEventArgs change)
    {
        _currency = (change.Value as string ?? "").Trim().ToUpperInvariant();
        return _amount.Length == 0 ? Task.CompletedTask : MoveAsync();
    }

    private Task MoveAsync()
    {
        _error = null;
        if (_amount.Length == 0)
        {
            return Row.Limit is null ? Task.CompletedTask : Moved.InvokeAsync(new NoLimitEdit(Row.Type!));
        }

        if (!decimal.TryParse(_amount, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var amount))
        {
            _error = "must be an amount such as 1000.50.";
        }
        else if (_currency.Length != 3 || !_currency.All(char.IsAsciiLetterUpper))
        {
            _error = "needs a currency, such as USD.";
        }
        else
        {
            return Moved.InvokeAsync(new LimitEdit(Row.Type!, amount, _currency));
        }

        return Task.CompletedTask;
    }
}

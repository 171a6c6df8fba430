using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Handrail.Shell.Display;
using Handrail.Store;

namespace Handrail.Handoffs;

/// <summary>A proposed action as a person is about to change it: the amount, and the members of its arguments by their JSON types.</summary>
public sealed class ApprovalDraft
{
    /// <summary>The largest amount that a handoff takes (contract: approve).</summary>
    private const decimal MostAmount = 1_000_000_000_000m;

    private readonly HandoffAnswer _seen;

    public ApprovalDraft(HandoffAnswer seen)
    {
        _seen = seen;
        AmountText = Plain(seen.Amount);
        Fields = seen.Arguments is { ValueKind: JsonValueKind.Object } arguments
            ? [.. arguments.EnumerateObject().Select(m => new FormField(m.Name, FormField.KindOf(m.Value), m.Value))]
            : [];
    }

    public IReadOnlyList<FormField> Fields { get; }

    public bool HasAmount => _seen.Amount is not null;

    public string AmountText { get; set; }

    public string? AmountError => !HasAmount || Amount is not null ? null : "must be an amount such as 1000.50: digits, and a point before the decimals.";

    public bool Valid => AmountError is null && Fields.All(f => f.Error is null);

    /// <summary>What would be done otherwise than proposed.</summary>
    public IReadOnlyList<ValueChange> Changes
    {
        get
        {
            var changes = new List<ValueChange>();
            if (Amount is { } amount && amount != _seen.Amount)
            {
                changes.Add(new ValueChange("Amount", Figures.Money(_seen.Amount, _seen.Currency), Figures.Money(amount, _seen.Currency)));
            }

            changes.AddRange(Fields.Where(f => f.Changed && f.Error is null).Select(f => new ValueChange(f.Name, f.BeforeText, f.Text, Outside: true)));
            return changes;
        }
    }

    /// <summary>Arguments that still say the amount as it was proposed, though it was changed: likely forgotten.</summary>
    public IReadOnlyList<string> LeftBehind => Amount is null || Amount == _seen.Amount
        ? []
        : [.. Fields.Where(f => f.Value is { ValueKind: JsonValueKind.Number } number && number.TryGetDecimal(out var value) && value == _seen.Amount).Select(f => f.Name)];

    /// <summary>An approval of what the draft says; of the proposal itself where nothing was changed.</summary>
    /// <exception cref="InvalidOperationException">The draft is not valid.</exception>
    public HandoffDecision ToDecision(string? note)
    {
        if (!Valid)
        {
            throw new InvalidOperationException("The draft has errors.");
        }

        return new HandoffDecision(DecisionKind.Approve)
        {
            Amount = Amount != _seen.Amount ? Amount : null,
            Arguments = Fields.Any(f => f.Changed) ? Arguments() : null,
            Note = string.IsNullOrWhiteSpace(note) ? null : note.Trim(),
        };
    }

    private decimal? Amount =>
        HasAmount && decimal.TryParse(AmountText.Trim(), NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var amount) && amount is >= 0 and <= MostAmount
            ? amount
            : null;

    private JsonElement Arguments()
    {
        var members = new JsonObject();
        foreach (var field in Fields)
        {
            members[field.Name] = field.Value is { } value ? JsonNode.Parse(value.GetRawText()) : null;
        }

        return JsonText.Element(members.ToJsonString())!.Value;
    }

    private static string Plain(decimal? amount) => amount?.ToString("0.############################", CultureInfo.InvariantCulture) ?? "";
}

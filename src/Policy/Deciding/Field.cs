using System.Globalization;
using System.Text.Json;

namespace Handrail.Policy;

/// <summary>One member that a condition speaks of, looked up once: how it is found in an action.</summary>
internal sealed class Field
{
    private readonly TimeZoneInfo _zone;
    private readonly string[] _path;

    /// <param name="name">As policies name it.</param>
    /// <param name="zone">The zone whose clock <c>hour</c> and <c>weekday</c> go by.</param>
    /// <param name="asNumber">As a number where there is the choice: 6 rather than <c>saturday</c>.</param>
    public Field(string name, TimeZoneInfo zone, bool asNumber)
    {
        Name = name;
        Id = Fields.Of(name);
        AsNumber = asNumber;
        _zone = zone;
        _path = Id == FieldId.Argument ? Fields.Path(name) : [];
    }

    public string Name { get; }

    public FieldId Id { get; }

    public bool AsNumber { get; }

    /// <summary>What the action holds there. Not for <see cref="FieldId.Taint"/>, which is asked label by label.</summary>
    public Member Read(scoped ref Subject subject, PolicyLayer? alone) => Id switch
    {
        FieldId.Type => Member.OfText(subject.Type),
        FieldId.Tool => Member.OfText(subject.Action.Tool, subject.Tool),
        FieldId.Currency => Member.OfText(subject.Action.Currency, subject.Currency),
        FieldId.Vendor => Member.OfText(subject.Action.Vendor, subject.Vendor),
        FieldId.Category => Member.OfText(subject.Action.Category, subject.Category),
        FieldId.User => Member.OfText(subject.Action.User, subject.Comparable(FieldId.User, subject.Action.User)),
        FieldId.Agent => Member.OfText(subject.Comparable(FieldId.Agent, subject.Action.Agent)),
        FieldId.AgentVersion => Member.OfText(subject.Action.AgentVersion, subject.Comparable(FieldId.AgentVersion, subject.Action.AgentVersion)),
        FieldId.Reasoning => Member.OfText(subject.Action.Reasoning, subject.Comparable(FieldId.Reasoning, subject.Action.Reasoning)),
        FieldId.Amount => Member.OfNumber(subject.Action.Amount),
        FieldId.Confidence => Member.OfNumber(subject.Action.Confidence),
        FieldId.Citations => Member.OfNumber(subject.Action.CitationCount),
        FieldId.FailedChecks => Member.OfNumber(subject.Action.FailedChecks),
        FieldId.Risk => Member.OfText(subject.RiskAs(alone).Word()),
        FieldId.CostUsd => Member.OfNumber(subject.Facts.CostUsd),
        FieldId.Turns => Member.OfNumber(subject.Facts.Turns),
        FieldId.Steps => Member.OfNumber(subject.Facts.Steps),
        FieldId.ToolCalls => Member.OfNumber(subject.Facts.ToolCalls),
        FieldId.ContextTokens => Member.OfNumber(subject.Facts.ContextTokens),
        FieldId.AgeSeconds => Member.OfNumber(subject.Facts.AgeSeconds),
        FieldId.Hour or FieldId.Weekday => At(subject.Now),
        FieldId.Argument => subject.Argument(this),
        _ => throw new InvalidOperationException($"{Name} holds no single value."),
    };

    /// <summary>The hour or the weekday of a moment.</summary>
    public Member At(DateTimeOffset moment)
    {
        var local = TimeZoneInfo.ConvertTime(moment, _zone);
        return Id == FieldId.Hour ? Member.OfNumber(local.Hour)
            : AsNumber ? Member.OfNumber(Weekdays.Number(local.DayOfWeek))
            : Member.OfText(Weekdays.Name(local.DayOfWeek));
    }

    /// <summary>The argument at the path; undefined where it leads nowhere.</summary>
    public JsonElement Argument(JsonElement arguments)
    {
        foreach (var step in _path)
        {
            if (arguments.ValueKind == JsonValueKind.Object && arguments.TryGetProperty(step, out var member)) arguments = member;
            else if (arguments.ValueKind == JsonValueKind.Array && int.TryParse(step, NumberStyles.None, CultureInfo.InvariantCulture, out var place) && place < arguments.GetArrayLength()) arguments = arguments[place];
            else return default;
        }

        return arguments;
    }
}

using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace Handrail.Policy;

/// <summary>Writes a document as JSON, in one spelling for equal documents: members in the order of the design, what is absent left out.</summary>
internal static class PolicyWriter
{
    // Served as JSON alone, never inside HTML: names stay readable in diffs and exports.
    private static readonly JsonWriterOptions Options = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static string Write(PolicyDocument document)
    {
        using var buffer = new MemoryStream();
        using (var json = new Utf8JsonWriter(buffer, Options)) Document(json, document);
        return Encoding.UTF8.GetString(buffer.GetBuffer().AsSpan(0, (int)buffer.Length));
    }

    private static void Document(Utf8JsonWriter json, PolicyDocument document)
    {
        json.WriteStartObject();
        Word(json, "autonomy", document.Autonomy);
        List(json, "actions", document.Actions, Level);
        List(json, "limits", document.Limits, Limit);
        List(json, "rules", document.Rules, Rule);
        List(json, "breakers", document.Breakers, Breaker);
        List(json, "tools", document.Tools, Tool);
        List(json, "taint", document.Taint, TaintRow);
        if (document.Review != new ReviewSettings()) Review(json, document.Review);
        List(json, "guarantees", document.Guarantees, Guarantee);
        if (document.Offline != new OfflineSettings()) Offline(json, document.Offline);
        Number(json, "silence_seconds", document.SilenceSeconds);
        Text(json, "time_zone", document.TimeZone);
        json.WriteEndObject();
    }

    private static void Level(Utf8JsonWriter json, ActionLevel level)
    {
        Text(json, "type", level.Type);
        Word<Autonomy>(json, "autonomy", level.Autonomy);
    }

    private static void Limit(Utf8JsonWriter json, Limit limit)
    {
        Text(json, "type", limit.Type);
        Text(json, "category", limit.Category);
        Text(json, "vendor", limit.Vendor);
        Number(json, "max_amount", limit.MaxAmount);
        Text(json, "currency", limit.Currency);
        Number(json, "min_confidence", limit.MinConfidence);
        Number(json, "max_total", limit.MaxTotal);
        Word(json, "per", limit.Per);
        Text(json, "until", limit.Until is { } day ? Say.Day(day) : null);
    }

    private static void Rule(Utf8JsonWriter json, Rule rule)
    {
        Text(json, "id", rule.Id);
        Text(json, "name", rule.Name);
        Texts(json, "applies_to", rule.AppliesTo);
        json.WritePropertyName("when");
        Condition(json, rule.When);
        Word<RuleOutcome>(json, "then", rule.Then);
        Text(json, "message", rule.Message);
    }

    private static void Condition(Utf8JsonWriter json, Condition condition)
    {
        json.WriteStartObject();
        switch (condition)
        {
            case AllOf all: Parts(json, "all", all.Parts); break;
            case AnyOf any: Parts(json, "any", any.Parts); break;
            case Not not:
                json.WritePropertyName("not");
                Condition(json, not.Part);
                break;
            case Comparison comparison: Comparison(json, comparison); break;
            default: throw new ArgumentException($"{condition.GetType().Name} is no condition known here.", nameof(condition));
        }

        json.WriteEndObject();
    }

    private static void Parts(Utf8JsonWriter json, string name, ValueList<Condition> parts)
    {
        json.WriteStartArray(name);
        foreach (var part in parts) Condition(json, part);
        json.WriteEndArray();
    }

    private static void Comparison(Utf8JsonWriter json, Comparison comparison)
    {
        Text(json, "field", comparison.Field);
        Word<Operator>(json, "op", comparison.Operator);
        json.WritePropertyName("value");
        if (comparison.Operator is Operator.In or Operator.NotIn)
        {
            json.WriteStartArray();
            foreach (var value in comparison.Values) Value(json, value);
            json.WriteEndArray();
        }
        else
        {
            Value(json, comparison.Values[0]);
        }

        if (comparison.IgnoreMissing) Text(json, "missing", "ignore");
    }

    private static void Value(Utf8JsonWriter json, Scalar value)
    {
        if (value.Text is { } text) json.WriteStringValue(text);
        else if (value.Number is { } number) json.WriteNumberValue(Plain(number));
        else json.WriteBooleanValue(value.Flag == true);
    }

    private static void Breaker(Utf8JsonWriter json, Breaker breaker)
    {
        Text(json, "id", breaker.Id);
        Word<BreakerScope>(json, "scope", breaker.Scope);
        Word<BreakerMetric>(json, "metric", breaker.Metric);
        if (breaker.Window is { } window) Text(json, "window", Window(window));
        Number(json, "limit", breaker.Threshold);
        Text(json, "currency", breaker.Currency);
        Word<BreakerOutcome>(json, "then", breaker.Then);
    }

    private static void Tool(Utf8JsonWriter json, ToolEntry tool)
    {
        Text(json, "name", tool.Name);
        Texts(json, "labels", tool.Labels);
        if (!tool.Enabled) json.WriteBoolean("enabled", false);
        Word(json, "risk", tool.Risk);
        if (tool.Mask is not { } mask) return;
        json.WriteStartObject("mask");
        Texts(json, "show", mask.Show);
        if (mask.Fix.Count > 0)
        {
            json.WriteStartObject("fix");
            foreach (var argument in mask.Fix)
            {
                json.WritePropertyName(argument.Name);
                json.WriteRawValue(argument.Json);
            }

            json.WriteEndObject();
        }

        json.WriteEndObject();
    }

    private static void TaintRow(Utf8JsonWriter json, TaintRow row)
    {
        Texts(json, "when", row.When);
        Texts(json, "block", row.Block);
    }

    private static void Review(Utf8JsonWriter json, ReviewSettings review)
    {
        json.WriteStartObject("review");
        Number(json, "timeout_seconds", review.TimeoutSeconds);
        Word(json, "on_timeout", review.OnTimeout);
        Text(json, "escalate_to", review.EscalateTo);
        Number(json, "approvals", review.Approvals);
        if (review.TwoPersonOver is { } over)
        {
            json.WriteStartObject("two_person_over");
            Number(json, "amount", over.Amount);
            Text(json, "currency", over.Currency);
            json.WriteEndObject();
        }

        Word(json, "two_person_risk", review.TwoPersonRisk);
        if (review.ForbidSelfApproval is { } forbid) json.WriteBoolean("forbid_self_approval", forbid);
        Number(json, "sample_rate", review.SampleRate);
        json.WriteEndObject();
    }

    private static void Guarantee(Utf8JsonWriter json, Guarantee guarantee)
    {
        Text(json, "id", guarantee.Id);
        Text(json, "text", guarantee.Text);
        json.WritePropertyName("never_allow");
        Condition(json, guarantee.NeverAllow);
    }

    private static void Offline(Utf8JsonWriter json, OfflineSettings offline)
    {
        json.WriteStartObject("offline");
        Word(json, "mode", offline.Mode);
        Number(json, "max_age_seconds", offline.MaxAgeSeconds);
        json.WriteEndObject();
    }

    private static void List<T>(Utf8JsonWriter json, string name, ValueList<T> items, Action<Utf8JsonWriter, T> write)
    {
        if (items.Count == 0) return;
        json.WriteStartArray(name);
        foreach (var item in items)
        {
            json.WriteStartObject();
            write(json, item);
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    private static void Texts(Utf8JsonWriter json, string name, ValueList<string> texts)
    {
        if (texts.Count == 0) return;
        json.WriteStartArray(name);
        foreach (var text in texts) json.WriteStringValue(text);
        json.WriteEndArray();
    }

    private static void Text(Utf8JsonWriter json, string name, string? text)
    {
        if (text is not null) json.WriteString(name, text);
    }

    private static void Word<T>(Utf8JsonWriter json, string name, T? value)
        where T : struct, Enum
    {
        if (value is { } given) json.WriteString(name, given.Word());
    }

    private static void Number(Utf8JsonWriter json, string name, decimal? number)
    {
        if (number is { } given) json.WriteNumber(name, Plain(given));
    }

    /// <summary>The same number without trailing zeros, which a decimal keeps: 25.00 and 25 are equal and are spelt alike.</summary>
    private static decimal Plain(decimal number) => number / 1.0000000000000000000000000000m;

    private static string Window(TimeSpan window)
    {
        var (count, unit) = window switch
        {
            _ when window.Ticks % TimeSpan.TicksPerDay == 0 => (window.TotalDays, "d"),
            _ when window.Ticks % TimeSpan.TicksPerHour == 0 => (window.TotalHours, "h"),
            _ => (window.TotalMinutes, "m"),
        };
        return string.Create(CultureInfo.InvariantCulture, $"{count:0}{unit}");
    }
}

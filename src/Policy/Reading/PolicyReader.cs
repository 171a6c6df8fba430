using System.Globalization;
using System.Text.Json;

namespace Handrail.Policy;

/// <summary>Reads a document from JSON, or finds everything that is wrong with it.</summary>
internal static class PolicyReader
{
    public static PolicyParse Read(JsonElement json)
    {
        var errors = new List<PolicyError>();
        var root = new JsonMember(json, "", errors);
        if (!WellFormed.Is(json))
        {
            root.Fail("holds text that is not well-formed Unicode");
            return new(null, errors);
        }

        var document = Document(root);
        return new(errors.Count == 0 ? document : null, errors);
    }

    private static PolicyDocument Document(JsonMember root)
    {
        var m = root.AsObject("autonomy", "actions", "limits", "rules", "breakers", "tools", "taint", "review", "guarantees", "offline", "silence_seconds", "time_zone");
        return new()
        {
            Autonomy = m["autonomy"]?.AsWord<Autonomy>(),
            Actions = Distinct(m.List("actions"), Level, level => ComparableText.Of(level.Type), "type"),
            Limits = Distinct(m.List("limits"), Limit, limit => limit.Key, "type, category and vendor"),
            Rules = Distinct(m.List("rules"), Rule, rule => ComparableText.Of(rule.Id), "id"),
            Breakers = Distinct(m.List("breakers"), Breaker, breaker => ComparableText.Of(breaker.Id), "id"),
            Tools = Distinct(m.List("tools"), Tool, tool => ComparableText.Of(tool.Name), "name"),
            Taint = m.List("taint").Select(TaintRow).ToValueList(),
            Review = m["review"] is { } review ? Review(review) : new(),
            Guarantees = Distinct(m.List("guarantees"), Guarantee, guarantee => ComparableText.Of(guarantee.Id), "id"),
            Offline = m["offline"] is { } offline ? Offline(offline) : new(),
            SilenceSeconds = m["silence_seconds"]?.AsWhole(least: 1),
            TimeZone = TimeZone(m["time_zone"]),
        };
    }

    private static ActionLevel Level(JsonMember json)
    {
        var m = json.AsObject("type", "autonomy");
        return new(TypePattern(m.Required("type")) ?? "", m.Required("autonomy")?.AsWord<Autonomy>() ?? default);
    }

    private static Limit Limit(JsonMember json)
    {
        var m = json.AsObject("type", "category", "vendor", "max_amount", "currency", "min_confidence", "max_total", "per", "until");
        var limit = new Limit
        {
            Type = TypePattern(m["type"]),
            Category = m["category"]?.AsText(),
            Vendor = m["vendor"]?.AsText(),
            MaxAmount = m["max_amount"]?.AsNumber(least: 0),
            Currency = Currency(m["currency"]),
            MinConfidence = m["min_confidence"]?.AsNumber(least: 0, most: 1),
            MaxTotal = m["max_total"]?.AsNumber(least: 0),
            Per = m["per"]?.AsWord<BudgetPeriod>(),
            Until = m["until"]?.AsDay(),
        };
        if (m["max_amount"] is not null || m["max_total"] is not null) m.Required("currency");
        if (m["max_total"] is not null) m.Required("per");
        if (m["per"] is not null) m.Required("max_total");
        return limit;
    }

    private static Rule Rule(JsonMember json)
    {
        var m = json.AsObject("id", "name", "applies_to", "when", "then", "message");
        return new(m.Required("id")?.AsText() ?? "", ConditionReader.Read(m.Required("when")), m.Required("then")?.AsWord<RuleOutcome>() ?? default)
        {
            Name = m["name"]?.AsText(),
            AppliesTo = m.List("applies_to").Select(type => TypePattern(type) ?? "").ToValueList(),
            Message = m["message"]?.AsText(),
        };
    }

    private static Breaker Breaker(JsonMember json)
    {
        var m = json.AsObject("id", "scope", "metric", "window", "limit", "currency", "then");
        var breaker = new Breaker(
            m.Required("id")?.AsText() ?? "",
            m.Required("scope")?.AsWord<BreakerScope>() ?? default,
            m.Required("metric")?.AsWord<BreakerMetric>() ?? default,
            m.Required("limit")?.AsNumber(least: 0) ?? 0,
            m.Required("then")?.AsWord<BreakerOutcome>() ?? default)
        {
            Window = Window(m["window"]),
            Currency = Currency(m["currency"]),
        };
        if (breaker.Scope != BreakerScope.Session) m.Required("window");
        if (breaker.Metric == BreakerMetric.AllowedAmount) m.Required("currency");
        else if (m["currency"] is { } currency) currency.Fail("is only for the metric allowed_amount");
        return breaker;
    }

    private static ToolEntry Tool(JsonMember json)
    {
        var m = json.AsObject("name", "labels", "enabled", "risk", "mask");
        return new(m.Required("name")?.AsText() ?? "")
        {
            Labels = Texts(m.List("labels")),
            Enabled = m["enabled"]?.AsFlag() ?? true,
            Risk = m["risk"]?.AsWord<Risk>(),
            Mask = m["mask"] is { } mask ? Mask(mask) : null,
        };
    }

    private static ToolMask Mask(JsonMember json)
    {
        var m = json.AsObject("show", "fix");
        var fix = new List<FixedArgument>();
        if (m["fix"] is { Element.ValueKind: not JsonValueKind.Object } wrong) wrong.Fail("must be an object");
        else if (m["fix"] is { } values)
        {
            foreach (var argument in values.Element.EnumerateObject())
            {
                if (CanonicalJson.TrySerialize(argument.Value, out var value)) fix.Add(new(argument.Name, value));
                else values.Child(argument.Name, argument.Value).Fail("has a member twice or a number that is too large");
            }
        }

        return new(Texts(m.List("show")), fix.OrderBy(argument => argument.Name, StringComparer.Ordinal).ToValueList());
    }

    private static TaintRow TaintRow(JsonMember json)
    {
        var m = json.AsObject("when", "block");
        foreach (var list in (JsonMember?[])[m.Required("when"), m.Required("block")])
            if (list is { Element.ValueKind: JsonValueKind.Array } given && given.Element.GetArrayLength() == 0) given.Fail("must name a label");
        return new(Texts(m.List("when")), Texts(m.List("block")));
    }

    private static ReviewSettings Review(JsonMember json)
    {
        var m = json.AsObject("timeout_seconds", "on_timeout", "escalate_to", "approvals", "two_person_over", "two_person_risk", "forbid_self_approval", "sample_rate");
        var review = new ReviewSettings
        {
            TimeoutSeconds = m["timeout_seconds"]?.AsWhole(least: 1),
            OnTimeout = m["on_timeout"]?.AsWord<TimeoutOutcome>(),
            EscalateTo = m["escalate_to"]?.AsText(),
            Approvals = m["approvals"]?.AsWhole(least: 1),
            TwoPersonOver = m["two_person_over"] is { } over ? Amount(over) : null,
            TwoPersonRisk = m["two_person_risk"]?.AsWord<Risk>(),
            ForbidSelfApproval = m["forbid_self_approval"]?.AsFlag(),
            SampleRate = m["sample_rate"]?.AsNumber(least: 0, most: 1),
        };
        if (review.OnTimeout == TimeoutOutcome.Escalate) m.Required("escalate_to");
        return review;
    }

    private static Guarantee Guarantee(JsonMember json)
    {
        var m = json.AsObject("id", "text", "never_allow");
        return new(m.Required("id")?.AsText() ?? "", ConditionReader.Read(m.Required("never_allow"))) { Text = m["text"]?.AsText() };
    }

    private static OfflineSettings Offline(JsonMember json)
    {
        var m = json.AsObject("mode", "max_age_seconds");
        return new() { Mode = m["mode"]?.AsWord<OfflineMode>(), MaxAgeSeconds = m["max_age_seconds"]?.AsWhole(least: 0) };
    }

    private static Money Amount(JsonMember json)
    {
        var m = json.AsObject("amount", "currency");
        return new(m.Required("amount")?.AsNumber(least: 0) ?? 0, Currency(m.Required("currency")) ?? "");
    }

    private static string? Currency(JsonMember? json)
    {
        if (json?.AsText() is not { } text) return null;
        if (text.Length == 3 && text.All(char.IsAsciiLetter)) return text.ToUpperInvariant();
        json.Value.Fail("must be the three letters of an ISO 4217 currency");
        return null;
    }

    private static string? TypePattern(JsonMember? json)
    {
        if (json?.AsText() is not { } text) return null;
        var fixedPart = text.EndsWith(".*", StringComparison.Ordinal) ? text[..^2] : text;
        if (fixedPart.Length > 0 && !fixedPart.Contains('*', StringComparison.Ordinal)) return text;
        json.Value.Fail("must be an exact action type or a prefix ending in .*; leave it out to mean every type");
        return null;
    }

    private static TimeSpan? Window(JsonMember? json)
    {
        if (json?.AsText() is not { } text) return null;
        if (int.TryParse(text[..^1], NumberStyles.None, CultureInfo.InvariantCulture, out var count) && count is >= 1 and <= 1_000_000)
        {
            switch (text[^1])
            {
                case 'm': return TimeSpan.FromMinutes(count);
                case 'h': return TimeSpan.FromHours(count);
                case 'd': return TimeSpan.FromDays(count);
            }
        }

        json.Value.Fail("must be a number of minutes, hours or days, such as 15m, 1h or 30d");
        return null;
    }

    private static string? TimeZone(JsonMember? json)
    {
        if (json?.AsText() is not { } text) return null;
        if (TimeZoneInfo.TryFindSystemTimeZoneById(text, out _)) return text;
        json.Value.Fail("must be the name of a time zone, such as Europe/Paris");
        return null;
    }

    private static ValueList<string> Texts(IReadOnlyList<JsonMember> members) => members.Select(member => member.AsText() ?? "").ToValueList();

    private static ValueList<T> Distinct<T>(IReadOnlyList<JsonMember> members, Func<JsonMember, T> read, Func<T, string> keyOf, string keyName)
    {
        var first = new Dictionary<string, string>(StringComparer.Ordinal);
        var items = new List<T>(members.Count);
        foreach (var member in members)
        {
            var before = member.Errors.Count;
            var item = read(member);
            items.Add(item);
            if (member.Errors.Count == before && !first.TryAdd(keyOf(item), member.Path)) member.Fail($"has the same {keyName} as {first[keyOf(item)]}");
        }

        return items.ToValueList();
    }
}

using System.Text.Json;
using CsCheck;
using Handrail.Policy;

namespace Handrail;

/// <summary>Reading and writing documents: every error with its path, and what is read is what was written.</summary>
public sealed class DocumentTests
{
    internal const string Example = """
        {
          "autonomy": "bounded",
          "actions": [{"type": "expense.approve", "autonomy": "bounded"}, {"type": "expense.export", "autonomy": "suggest"}],
          "limits": [
            {"type": "expense.approve", "max_amount": 50, "currency": "USD", "min_confidence": 0.8, "max_total": 2000, "per": "day"},
            {"type": "expense.approve", "category": "meals", "max_amount": 25, "currency": "USD"},
            {"type": "expense.approve", "vendor": "Delta", "max_amount": 500, "currency": "USD"}],
          "rules": [{"id": "blocked-vendors", "name": "Blocked vendors", "applies_to": ["expense.*"],
            "when": {"all": [{"field": "vendor", "op": "in", "value": ["Casino Royale", "Coinhub"]}]},
            "then": "deny", "message": "This vendor is blocked by Finance"}],
          "breakers": [
            {"id": "session-cost", "scope": "session", "metric": "cost_usd", "limit": 2.00, "then": "stop"},
            {"id": "turns", "scope": "session", "metric": "turns", "limit": 20, "then": "pause"},
            {"id": "agent-hour", "scope": "agent", "metric": "cost_usd", "window": "1h", "limit": 50, "then": "pause"},
            {"id": "sum", "scope": "fleet", "metric": "allowed_amount", "window": "90m", "limit": 50, "currency": "eur", "then": "alert"}],
          "tools": [
            {"name": "read_email", "labels": ["untrusted"]},
            {"name": "send_slack", "labels": ["external"], "mask": {"show": ["channel", "text"], "fix": {"as_user": false, "to": {"b": 1.0, "a": "é"}}}},
            {"name": "delete_ledger", "enabled": false, "risk": "irreversible"}],
          "taint": [{"when": ["untrusted", "sensitive"], "block": ["external"]}],
          "review": {"timeout_seconds": 14400, "on_timeout": "reject", "escalate_to": "Owner", "approvals": 1,
            "two_person_over": {"amount": 1000, "currency": "USD"}, "two_person_risk": "irreversible", "forbid_self_approval": true, "sample_rate": 0.02},
          "guarantees": [{"id": "never-over-500", "text": "No expense over 500 USD goes without a person",
            "never_allow": {"all": [{"field": "type", "op": "glob", "value": "expense.*"}, {"not": {"field": "amount", "op": "lte", "value": 500, "missing": "ignore"}}]}}],
          "offline": {"mode": "deny", "max_age_seconds": 900},
          "silence_seconds": 600,
          "time_zone": "Europe/Berlin"
        }
        """;

    [Fact]
    public void Parse_TheDesignsExample_ReadsEveryMember()
    {
        var document = Policies.Document(Example);

        Assert.Equal(Autonomy.Bounded, document.Autonomy);
        Assert.Equal(new ActionLevel("expense.export", Autonomy.Suggest), document.Actions[1]);
        Assert.Equal(new Limit { Type = "expense.approve", MaxAmount = 50, Currency = "USD", MinConfidence = 0.8m, MaxTotal = 2000, Per = BudgetPeriod.Day }, document.Limits[0]);
        Assert.Equal(
            new Rule("blocked-vendors", new AllOf([new Comparison("vendor", Operator.In, [Scalar.Of("Casino Royale"), Scalar.Of("Coinhub")])]), RuleOutcome.Deny)
            {
                Name = "Blocked vendors", AppliesTo = ["expense.*"], Message = "This vendor is blocked by Finance",
            },
            document.Rules[0]);
        Assert.Equal(new Breaker("agent-hour", BreakerScope.Agent, BreakerMetric.CostUsd, 50, BreakerOutcome.Pause) { Window = TimeSpan.FromHours(1) }, document.Breakers[2]);
        Assert.Equal(new Breaker("sum", BreakerScope.Fleet, BreakerMetric.AllowedAmount, 50, BreakerOutcome.Alert) { Window = TimeSpan.FromMinutes(90), Currency = "EUR" }, document.Breakers[3]);
        Assert.Equal(new ToolMask(["channel", "text"], [new("as_user", "false"), new("to", """{"a":"é","b":1}""")]), document.Tools[1].Mask);
        Assert.Equal((false, Risk.Irreversible), (document.Tools[2].Enabled, document.Tools[2].Risk));
        Assert.Equal(new TaintRow(["untrusted", "sensitive"], ["external"]), document.Taint[0]);
        Assert.Equal(new Money(1000, "USD"), document.Review.TwoPersonOver);
        Assert.Equal(new OfflineSettings { Mode = OfflineMode.Deny, MaxAgeSeconds = 900 }, document.Offline);
        Assert.Equal((600, "Europe/Berlin"), (document.SilenceSeconds, document.TimeZone));
        Assert.Equal("never-over-500", document.Guarantees[0].Id);
    }

    [Fact]
    public void ToJson_OfTheExample_ReadsBackEqualAndIsSettled()
    {
        var document = Policies.Document(Example);
        var again = Policies.Document(document.ToJson());
        Assert.Equal(document, again);
        Assert.Equal(document.ToJson(), again.ToJson());
    }

    [Fact]
    public void ToJson_OfAnyDocument_ReadsBackEqual() =>
        AnyPolicy.Document.Sample(document => Policies.Document(document.ToJson()) == document, iter: 2_000);

    [Theory]
    [InlineData("""{"limits":[{"max_amount":25.00,"currency":"USD"}]}""", """{"limits":[{"max_amount":25,"currency":"USD"}]}""")]
    [InlineData("""{"limits":[],"autonomy":null,"review":{}}""", "{}")]
    [InlineData("""{"rules":[{"then":"deny","id":"r","when":{"field":"vendor","op":"exists"}}]}""", """{"rules":[{"id":"r","when":{"field":"vendor","op":"exists","value":true},"then":"deny"}]}""")]
    [InlineData("""{"rules":[{"id":"r","when":{"field":"weekday","op":"in","value":["Sat",7,0]},"then":"deny"}]}""", """{"rules":[{"id":"r","when":{"field":"weekday","op":"in","value":["saturday","sunday","sunday"]},"then":"deny"}]}""")]
    public void ToJson_OfEqualDocuments_IsSpeltAlike(string json, string spelling) => Assert.Equal(spelling, Policies.Document(json).ToJson());

    [Theory]
    [InlineData("[]", "$", "must be an object")]
    [InlineData("{", "$", "is not JSON")]
    [InlineData("""{"autonomy":"half"}""", "autonomy", "must be one of off, shadow, suggest, bounded, autonomous")]
    [InlineData("""{"autonomy":"Bounded"}""", "autonomy", "must be one of")]
    [InlineData("""{"autonomy":"off","autonomy":"autonomous"}""", "autonomy", "is given twice")]
    [InlineData("""{"autonmy":"off"}""", "autonmy", "is not a member known here")]
    [InlineData("""{"time_zone":"Mars/Olympus"}""", "time_zone", "must be the name of a time zone")]
    [InlineData("""{"silence_seconds":0}""", "silence_seconds", "must be at least 1")]
    [InlineData("""{"silence_seconds":1.5}""", "silence_seconds", "must be a whole number")]
    [InlineData("""{"actions":{}}""", "actions", "must be a list")]
    [InlineData("""{"actions":[{"type":"a"}]}""", "actions[0].autonomy", "is missing")]
    [InlineData("""{"actions":[{"type":"a","autonomy":"off"},{"type":" A","autonomy":"off"}]}""", "actions[1]", "has the same type as actions[0]")]
    [InlineData("""{"actions":[{"type":"*","autonomy":"off"}]}""", "actions[0].type", "must be an exact action type or a prefix ending in .*")]
    [InlineData("""{"limits":[{"type":"a*","min_confidence":1}]}""", "limits[0].type", "must be an exact action type or a prefix ending in .*")]
    [InlineData("""{"limits":[{"max_amount":-1,"currency":"USD"}]}""", "limits[0].max_amount", "must be at least 0")]
    [InlineData("""{"limits":[{"max_amount":"5","currency":"USD"}]}""", "limits[0].max_amount", "must be a number")]
    [InlineData("""{"limits":[{"max_amount":1e99,"currency":"USD"}]}""", "limits[0].max_amount", "is too large a number")]
    [InlineData("""{"limits":[{"max_amount":5}]}""", "limits[0].currency", "is missing")]
    [InlineData("""{"limits":[{"max_amount":5,"currency":"dollars"}]}""", "limits[0].currency", "must be the three letters of an ISO 4217 currency")]
    [InlineData("""{"limits":[{"min_confidence":1.1}]}""", "limits[0].min_confidence", "must be at most 1")]
    [InlineData("""{"limits":[{"max_total":5,"currency":"USD"}]}""", "limits[0].per", "is missing")]
    [InlineData("""{"limits":[{"per":"day"}]}""", "limits[0].max_total", "is missing")]
    [InlineData("""{"limits":[{"max_total":5,"currency":"USD","per":"year"}]}""", "limits[0].per", "must be one of session, day, week, month")]
    [InlineData("""{"limits":[{"until":"2026-02-30"}]}""", "limits[0].until", "must be a day, such as 2026-12-31")]
    [InlineData("""{"limits":[{"until":20260101}]}""", "limits[0].until", "must be a day, such as 2026-12-31")]
    [InlineData("""{"limits":[{"vendor":"Straße 9"},{"vendor":"STRASSE  9"}]}""", "limits[1]", "has the same type, category and vendor as limits[0]")]
    [InlineData("""{"limits":[{"vendor":" "}]}""", "limits[0].vendor", "must not be empty")]
    [InlineData("""{"rules":[{"when":{"all":[]},"then":"deny"}]}""", "rules[0].id", "is missing")]
    [InlineData("""{"rules":[{"id":"r","then":"deny"}]}""", "rules[0].when", "is missing")]
    [InlineData("""{"rules":[{"id":"r","when":{"all":[]},"then":"allow"}]}""", "rules[0].then", "must be one of review, deny, stop")]
    [InlineData("""{"rules":[{"id":"r","when":{"all":[]},"then":"deny"},{"id":"R","when":{"all":[]},"then":"deny"}]}""", "rules[1]", "has the same id as rules[0]")]
    [InlineData("""{"breakers":[{"id":"b","scope":"agent","metric":"turns","limit":1,"then":"stop"}]}""", "breakers[0].window", "is missing")]
    [InlineData("""{"breakers":[{"id":"b","scope":"agent","metric":"turns","window":"1w","limit":1,"then":"stop"}]}""", "breakers[0].window", "must be a number of minutes, hours or days")]
    [InlineData("""{"breakers":[{"id":"b","scope":"session","metric":"turns","limit":1,"then":"deny"}]}""", "breakers[0].then", "must be one of alert, review, pause, stop")]
    [InlineData("""{"breakers":[{"id":"b","scope":"session","metric":"mood","limit":1,"then":"stop"}]}""", "breakers[0].metric", "must be one of cost_usd, turns")]
    [InlineData("""{"breakers":[{"id":"b","scope":"session","metric":"allowed_amount","limit":1,"then":"stop"}]}""", "breakers[0].currency", "is missing")]
    [InlineData("""{"breakers":[{"id":"b","scope":"session","metric":"turns","limit":1,"currency":"USD","then":"stop"}]}""", "breakers[0].currency", "is only for the metric allowed_amount")]
    [InlineData("""{"tools":[{"name":"t","enabled":"no"}]}""", "tools[0].enabled", "must be true or false")]
    [InlineData("""{"tools":[{"name":"t","mask":{"fix":[]}}]}""", "tools[0].mask.fix", "must be an object")]
    [InlineData("""{"tools":[{"name":"t","mask":{"fix":{"x":{"a":1,"a":2}}}}]}""", "tools[0].mask.fix.x", "has a member twice")]
    [InlineData("""{"taint":[{"when":[],"block":["x"]}]}""", "taint[0].when", "must name a label")]
    [InlineData("""{"review":{"on_timeout":"approve"}}""", "review.on_timeout", "must be one of escalate, hold, reject")]
    [InlineData("""{"review":{"on_timeout":"escalate"}}""", "review.escalate_to", "is missing")]
    [InlineData("""{"review":{"approvals":0}}""", "review.approvals", "must be at least 1")]
    [InlineData("""{"review":{"sample_rate":2}}""", "review.sample_rate", "must be at most 1")]
    [InlineData("""{"review":{"two_person_over":{"amount":5}}}""", "review.two_person_over.currency", "is missing")]
    [InlineData("""{"offline":{"mode":"allow"}}""", "offline.mode", "must be one of deny, hold, policy")]
    [InlineData("""{"guarantees":[{"id":"g"}]}""", "guarantees[0].never_allow", "is missing")]
    [InlineData("{\"autonomy\":\"\\ud800\"}", "$", "holds text that is not well-formed Unicode")]
    public void Parse_SomethingWrong_SaysWhereAndWhat(string json, string path, string message)
    {
        var parse = PolicyDocument.Parse(json);
        Assert.Null(parse.Document);
        var error = Assert.Single(parse.Errors);
        Assert.Equal(path, error.Path);
        Assert.StartsWith(message, error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("[]", "", "must be one condition")]
    [InlineData("{}", "", "must be one condition")]
    [InlineData("""{"all":[],"any":[]}""", "", "must be one condition")]
    [InlineData("""{"all":[],"note":"x"}""", ".note", "is not a member known here")]
    [InlineData("""{"any":[]}""", ".any", "must name a condition")]
    [InlineData("""{"not":{"all":[{"any":[1]}]}}""", ".not.all[0].any[0]", "must be one condition")]
    [InlineData("""{"field":"mood","op":"eq","value":1}""", ".field", "must be one of agent, agent_version")]
    [InlineData("""{"field":"arguments.","op":"eq","value":1}""", ".field", "must be one of")]
    [InlineData("""{"field":"arguments.a..b","op":"eq","value":1}""", ".field", "must be one of")]
    [InlineData("""{"field":"amount","op":"matches","value":1}""", ".op", "must be one of eq, ne, gt, gte, lt, lte, in, not_in, contains, glob, exists")]
    [InlineData("""{"field":"amount","value":1}""", ".op", "is missing")]
    [InlineData("""{"field":"amount","op":"gt"}""", ".value", "is missing")]
    [InlineData("""{"field":"amount","op":"gt","value":"50"}""", ".value", "must be a number")]
    [InlineData("""{"field":"vendor","op":"in","value":"Delta"}""", ".value", "must be a list")]
    [InlineData("""{"field":"vendor","op":"in","value":["Delta",{}]}""", ".value[1]", "must be a text, a number, true or false")]
    [InlineData("""{"field":"vendor","op":"eq","value":["Delta"]}""", ".value", "must be a text, a number, true or false")]
    [InlineData("""{"field":"vendor","op":"contains","value":" "}""", ".value", "must not be empty")]
    [InlineData("""{"field":"vendor","op":"glob","value":5}""", ".value", "must be a text")]
    [InlineData("""{"field":"vendor","op":"exists","value":"yes"}""", ".value", "must be true or false")]
    [InlineData("""{"field":"vendor","op":"eq","value":"x","missing":"true"}""", ".missing", "must be ignore, or left out")]
    [InlineData("""{"field":"weekday","op":"in","value":["someday"]}""", ".value[0]", "must be a weekday")]
    [InlineData("""{"not":{"not":{"not":{"not":{"not":{"field":"vendor","op":"exists"}}}}}}""", ".not.not.not.not", "nests all, any and not more than 4 deep")]
    public void Parse_AWrongCondition_SaysWhereAndWhat(string condition, string path, string message)
    {
        var error = Assert.Single(PolicyDocument.Parse($$"""{"rules":[{"id":"r","when":{{condition}},"then":"deny"}]}""").Errors);
        Assert.Equal($"rules[0].when{path}", error.Path);
        Assert.StartsWith(message, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Parse_FourDeep_IsAccepted() =>
        Policies.Document("""{"rules":[{"id":"r","when":{"not":{"any":[{"all":[{"not":{"field":"vendor","op":"exists"}}]}]}},"then":"deny"}]}""");

    [Fact]
    public void Parse_SeveralThingsWrong_ReportsAllOfThem() =>
        Assert.Equal(
            ["autonomy", "limits[0].max_amount", "limits[0].currency", "rules[0].id", "rules[0].when", "rules[0].then", "offline.mode"],
            PolicyDocument.Parse("""{"autonomy":1,"limits":[{"max_amount":-1}],"rules":[{}],"offline":{"mode":"x"}}""").Errors.Select(error => error.Path));

    [Fact]
    public void Parse_ADocumentDamagedAnyhow_IsRefusedOrReadInFull()
    {
        var seen = 0;
        Gen.Select(Gen.Int[0, Example.Length - 1], Gen.Int[0, 12], Gen.OneOfConst("", "\"", "}", ",", "0", "-", "null", "\\ud800", "e9", "*", "[")).Sample((at, cut, put) =>
        {
            var damaged = Example.Remove(at, Math.Min(cut, Example.Length - at)).Insert(at, put);
            var parse = PolicyDocument.Parse(damaged);
            Assert.Equal(parse.Document is null, parse.Errors.Count > 0);
            if (parse.Document is not { } document) return;
            Interlocked.Increment(ref seen);
            Assert.Equal(document, Policies.Document(document.ToJson()));
            Gate.Decide(Policies.Layers(document), Policies.Action("""{"amount":1,"currency":"USD"}"""), Policies.Fresh, Policies.Noonish);
        }, iter: 5_000);
        Assert.True(seen > 100, $"Only {seen} damaged documents were still documents.");
    }

    [Fact]
    public void Parse_AnElement_ReadsLikeText()
    {
        using var json = JsonDocument.Parse(Example);
        Assert.Equal(Policies.Document(Example), PolicyDocument.Parse(json.RootElement).Document);
    }
}

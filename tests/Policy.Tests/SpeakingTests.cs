using System.Text.Json;
using CsCheck;
using Handrail.Policy;

namespace Handrail;

/// <summary>Policies in plain English, and what changed from one to the next.</summary>
public sealed class SpeakingTests
{
    private const string In = """{"field":"vendor","op":"in","value":["Casino Royale","Coinhub"]}""";
    private const string Over = """{"field":"amount","op":"gt","value":500}""";

    [Theory]
    [InlineData($$"""{"all":[{{In}}]}""", "Deny any expense.* whose vendor is Casino Royale or Coinhub")]
    [InlineData("""{"all":[]}""", "Deny any expense.*")]
    [InlineData($$"""{"all":[{{In}},{{Over}}]}""", "Deny any expense.* whose vendor is Casino Royale or Coinhub and amount is over 500")]
    [InlineData($$"""{"all":[{"any":[{{In}},{{Over}}]},{{Over}}]}""", "Deny any expense.* whose (vendor is Casino Royale or Coinhub or amount is over 500) and amount is over 500")]
    [InlineData($$"""{"not":{{In}} }""", "Deny any expense.* whose vendor is none of Casino Royale or Coinhub")]
    [InlineData($$"""{"not":{{Over}} }""", "Deny any expense.* whose amount is at most 500")]
    [InlineData($$"""{"not":{"all":[{{Over}},{{In}}]} }""", "Deny any expense.* whose case is not that amount is over 500 and vendor is Casino Royale or Coinhub")]
    [InlineData("""{"field":"citations.count","op":"lt","value":1}""", "Deny any expense.* whose number of citations is under 1")]
    [InlineData("""{"field":"arguments.order.lines","op":"gte","value":3,"missing":"ignore"}""", "Deny any expense.* whose argument order.lines, if given, is at least 3")]
    [InlineData("""{"field":"reasoning","op":"exists","value":false}""", "Deny any expense.* whose reasoning is missing")]
    [InlineData("""{"not":{"field":"reasoning","op":"exists","value":false}}""", "Deny any expense.* whose reasoning is given")]
    [InlineData("""{"field":"session.tool_calls","op":"gt","value":9}""", "Deny any expense.* whose session's tool calls is over 9")]
    [InlineData("""{"field":"vendor","op":"glob","value":"*casino*"}""", "Deny any expense.* whose vendor is like *casino*")]
    public void Rule_ReadAloud_IsASentence(string when, string sentence)
    {
        var document = Policies.Document($$"""{"rules":[{"id":"r","applies_to":["expense.*"],"when":{{when}},"then":"deny"}]}""");
        Assert.Equal(sentence, ReadAloud.Rule(document.Rules[0]));
    }

    [Fact]
    public void Rule_ReadAloud_CutsAVeryLongListShort()
    {
        var vendors = Enumerable.Range(1, 1_500).Select(number => Scalar.Of($"V{number}")).ToValueList();
        Assert.Equal(
            "Stop the session at any action whose vendor is V1, V2, V3, V4, V5, V6, V7, V8, V9 or 1,491 more",
            ReadAloud.Rule(new("r", new Comparison("vendor", Operator.In, vendors), RuleOutcome.Stop)));
    }

    [Theory]
    [InlineData("review", "Ask a person about any action whose amount is over 500")]
    [InlineData("stop", "Stop the session at any action whose amount is over 500")]
    public void Rule_ReadAloud_SaysWhatFollows(string then, string sentence) =>
        Assert.Equal(sentence, ReadAloud.Rule(Policies.Document($$"""{"rules":[{"id":"r","when":{{Over}},"then":"{{then}}"}]}""").Rules[0]));

    [Theory]
    [InlineData("""{"type":"expense.approve","category":"meals","max_amount":25,"currency":"USD"}""", "expense.approve in meals may go up to 25.00 USD")]
    [InlineData("""{"type":"expense.approve","max_amount":25,"currency":"USD","until":"2026-12-31"}""", "expense.approve may go up to 25.00 USD, until 2026-12-31")]
    [InlineData("""{"vendor":"Delta","max_amount":1500,"currency":"USD","min_confidence":0.8,"max_total":20000,"per":"day"}""", "Any action with Delta may go up to 1,500.00 USD, up to 20,000.00 USD in all per day and with a confidence of at least 0.8")]
    [InlineData("""{"currency":"USD"}""", "Any action may go in USD")]
    [InlineData("{}", "Any action may go without bound")]
    public void Limit_ReadAloud_IsASentence(string limit, string sentence) =>
        Assert.Equal(sentence, ReadAloud.Limit(Policies.Document($$"""{"limits":[{{limit}}]}""").Limits[0]));

    [Theory]
    [InlineData("""{"id":"b","scope":"session","metric":"cost_usd","limit":2,"then":"stop"}""", "Stop a session whose cost_usd is over 2")]
    [InlineData("""{"id":"b","scope":"agent","metric":"allowed_amount","window":"90m","limit":5000,"currency":"USD","then":"pause"}""", "Pause the agent whose allowed_amount within 90 minutes is over 5,000 USD")]
    [InlineData("""{"id":"b","scope":"fleet","metric":"errors","window":"24h","limit":5,"then":"alert"}""", "Alert on-call about the fleet whose errors within 1 day is over 5")]
    public void Breaker_ReadAloud_IsASentence(string breaker, string sentence) =>
        Assert.Equal(sentence, ReadAloud.Breaker(Policies.Document($$"""{"breakers":[{{breaker}}]}""").Breakers[0]));

    [Fact]
    public void TaintToolAndGuarantee_ReadAloud_AreSentences()
    {
        var document = Policies.Document($$"""
            {"taint":[{"when":["untrusted","sensitive"],"block":["external"]}],
             "tools":[{"name":"t","labels":["external"],"risk":"external","enabled":false,"mask":{"show":["text"],"fix":{"as_user":false} } }],
             "guarantees":[{"id":"g","never_allow":{{Over}} }]}
            """);
        Assert.Equal("Once untrusted and sensitive tools were used, deny external ones", ReadAloud.TaintRow(document.Taint[0]));
        Assert.Equal("labelled external, at least external, takes only text, as_user always false, not enabled", ReadAloud.Tool(document.Tools[0]));
        Assert.Equal("Never let an action go whose amount is over 500", ReadAloud.Guarantee(document.Guarantees[0]));
    }

    [Fact]
    public void WholePolicy_ReadAloud_SaysEverythingInItsOrder() =>
        Assert.Equal(
            [
                ("autonomy", "Every action that no line below names is bounded: it goes if a limit covers it and it is inside that limit, else to a person"),
                ("actions[0]", "expense.approve is bounded: it goes if a limit covers it and it is inside that limit, else to a person"),
                ("actions[1]", "expense.export is at suggest: it goes to a person"),
                ("limits[0]", "expense.approve may go up to 50.00 USD, up to 2,000.00 USD in all per day and with a confidence of at least 0.8"),
                ("limits[1]", "expense.approve in meals may go up to 25.00 USD"),
                ("limits[2]", "expense.approve with Delta may go up to 500.00 USD"),
                ("rules[0]", "Deny any expense.* whose vendor is Casino Royale or Coinhub"),
                ("breakers[0]", "Stop a session whose cost_usd is over 2"),
                ("breakers[1]", "Pause a session whose turns is over 20"),
                ("breakers[2]", "Pause the agent whose cost_usd within 1 hour is over 50"),
                ("breakers[3]", "Alert on-call about the fleet whose allowed_amount within 90 minutes is over 50 EUR"),
                ("tools[0]", "The tool read_email is labelled untrusted"),
                ("tools[1]", "The tool send_slack is labelled external, takes only channel and text, as_user always false, to always {\"a\":\"é\",\"b\":1}"),
                ("tools[2]", "The tool delete_ledger is at least irreversible, not enabled"),
                ("taint[0]", "Once untrusted and sensitive tools were used, deny external ones"),
                ("review.timeout_seconds", "A person has 4 hours to decide"),
                ("review.on_timeout", "When nobody decides in time, the action is rejected"),
                ("review.escalate_to", "Next in line is the role Owner"),
                ("review.approvals", "One person must approve"),
                ("review.two_person_over", "Over 1,000.00 USD two people must approve"),
                ("review.two_person_risk", "What is irreversible two people must approve"),
                ("review.forbid_self_approval", "The user on whose behalf the agent acts may not approve it"),
                ("review.sample_rate", "Of all allowed actions a person looks at 2 % afterwards"),
                ("guarantees[0]", "Never let an action go whose type is like expense.* and case is not that amount, if given, is at most 500"),
                ("offline.mode", "A client that can't reach the console denies every action"),
                ("offline.max_age_seconds", "A policy fetched more than 15 minutes ago decides nothing offline"),
                ("silence_seconds", "A session without a sign of life for 10 minutes counts as lost"),
                ("time_zone", "Hours, weekdays and budgets go by the clock of Europe/Berlin"),
            ],
            WholePolicy.ReadAloud(Policies.Document(DocumentTests.Example)).Select(reading => (reading.Path, reading.Text)));

    [Fact]
    public void WholePolicy_ReadAloud_HasASentenceForEveryPartOfAnyPolicy() =>
        AnyPolicy.Whole.Sample(document =>
        {
            var readings = WholePolicy.ReadAloud(document);
            var json = JsonElement.Parse(document.ToJson());
            Assert.All(readings, reading => Assert.False(string.IsNullOrWhiteSpace(reading.Text)));
            Assert.Equal(readings.Count, readings.DistinctBy(reading => reading.Path).Count());
            var told = readings.Select(reading => reading.Path).ToHashSet();
            foreach (var member in json.EnumerateObject())
            {
                switch (member.Value.ValueKind)
                {
                    case JsonValueKind.Array: Assert.All(Enumerable.Range(0, member.Value.GetArrayLength()), index => Assert.Contains($"{member.Name}[{index}]", told)); break;
                    case JsonValueKind.Object: Assert.All(member.Value.EnumerateObject(), part => Assert.Contains($"{member.Name}.{part.Name}", told)); break;
                    default: Assert.Contains(member.Name, told); break;
                }
            }
        }, iter: 1_000);

    [Fact]
    public void Diff_OfTwoDocuments_SaysEveryChangeInALine()
    {
        var before = Policies.Document($$"""
            {"autonomy":"suggest","actions":[{"type":"expense.approve","autonomy":"suggest"},{"type":"refund","autonomy":"off"}],
             "limits":[{"type":"expense.approve","category":"meals","max_amount":25,"currency":"USD"},{"vendor":"Delta","max_amount":1,"currency":"USD"}],
             "rules":[{"id":"big","when":{{Over}},"then":"review"},{"id":"gone","when":{"all":[]},"then":"deny"}],
             "review":{"timeout_seconds":60},"taint":[{"when":["a"],"block":["b"]}]}
            """);
        var after = Policies.Document($$"""
            {"autonomy":"bounded","actions":[{"type":"expense.approve","autonomy":"bounded"},{"type":"email.*","autonomy":"shadow"}],
             "limits":[{"vendor":"Delta","max_amount":1.00,"currency":"USD"},{"type":"expense.approve","category":"Meals","max_amount":40,"currency":"USD"}],
             "rules":[{"id":"blocked","name":"Blocked vendors","when":{{In}},"then":"deny"},{"id":"big","when":{{Over}},"then":"stop"}],
             "review":{"timeout_seconds":60,"approvals":2},"breakers":[{"id":"turns","scope":"session","metric":"turns","limit":20,"then":"pause"}],
             "tools":[{"name":"t","enabled":false}],"offline":{"mode":"deny"},"silence_seconds":600,"time_zone":"Europe/Berlin"}
            """);
        Assert.Equal(
            [
                "all other actions: suggest -> bounded",
                "refund removed: off",
                "expense.approve: suggest -> bounded",
                "email.* added: shadow",
                "limit expense.approve/meals: up to 25.00 USD -> up to 40.00 USD",
                "rule gone removed: Deny any action",
                "rule blocked added: Blocked vendors: Deny any action whose vendor is Casino Royale or Coinhub",
                "rule big: Ask a person about any action whose amount is over 500 -> Stop the session at any action whose amount is over 500",
                "breaker turns added: Pause a session whose turns is over 20",
                "tool t added: not enabled",
                "taint Once a tools were used, deny b ones removed",
                "review approvals: not set -> 2",
                "offline mode: not set -> deny",
                "silence: not set -> 600",
                "time zone: not set -> Europe/Berlin",
            ],
            PolicyDiff.Lines(before, after));
        Assert.Empty(PolicyDiff.Lines(after, Policies.Document(after.ToJson())));
    }

    [Fact]
    public void Diff_OfAChangeThatReadsTheSame_IsStillSaid()
    {
        var number = Policies.Document("""{"rules":[{"id":"r","when":{"field":"arguments.x","op":"eq","value":5},"then":"deny"}]}""");
        var text = Policies.Document("""{"rules":[{"id":"r","when":{"field":"arguments.x","op":"eq","value":"5"},"then":"deny"}]}""");
        Assert.Equal(["rule r written anew: Deny any action whose argument x is 5"], PolicyDiff.Lines(number, text));
    }
}

using System.Text.Json.Nodes;
using Handrail.Policies;
using Handrail.Policies.Editing;
using Handrail.Policy;
using Xunit;

namespace Handrail.Pages;

/// <summary>A policy while it is typed, and two people's changes brought together.</summary>
public sealed class DraftDocumentTests
{
    [Fact]
    public void What_is_typed_wrongly_stays_and_its_error_stands_at_the_field()
    {
        var form = Form("""{"limits":[{"type":"expense.approve","max_amount":50,"currency":"USD"}]}""");
        var limit = form.Items("limits")[0];

        form.Set(limit, "max_amount", TypedValue.Of("1.000,00", TypedKind.Number));

        Assert.Null(form.Document);
        Assert.Equal("1.000,00", DraftDocument.Text(limit, "max_amount"));
        Assert.Equal(["must be a number"], form.ErrorsAt("limits[0].max_amount"));
        Assert.Equal(1, form.CountUnder("limits"));

        form.Set(limit, "max_amount", TypedValue.Of(" 1000.00 ", TypedKind.Number));
        Assert.Equal(1000m, form.Document!.Limits[0].MaxAmount);
    }

    [Fact]
    public void An_emptied_field_takes_its_member_away_and_the_object_that_held_nothing_else()
    {
        var form = Form("""{"review":{"two_person_over":{"amount":1000,"currency":"USD"}},"tools":[{"name":"send","mask":{"show":["text"]}}]}""");

        form.Set(form.Root, "review.two_person_over.amount", TypedValue.Of("", TypedKind.Number));
        Assert.Equal(["is missing"], form.ErrorsAt("review.two_person_over.amount"));
        form.Set(form.Root, "review.two_person_over.currency", TypedValue.Of("", TypedKind.Text));
        form.Set(form.Items("tools")[0], "mask.show", TypedValue.Of("", TypedKind.Lines));

        Assert.False(form.Root.ContainsKey("review"));
        Assert.Null(form.Document!.Tools[0].Mask);
    }

    [Fact]
    public void An_error_in_a_list_names_its_line()
    {
        var form = Form("""{"rules":[{"id":"r","applies_to":["expense.*"],"when":{"all":[]},"then":"deny"}]}""");

        form.Set(form.Items("rules")[0], "applies_to", TypedValue.Of("expense.*\n*", TypedKind.Lines));

        Assert.StartsWith("Line 2 must be an exact action type", form.ErrorsInLines("rules[0].applies_to").Single(), StringComparison.Ordinal);
    }

    [Fact]
    public void Entries_that_begin_let_nothing_go_and_hold_nothing_back_before_somebody_says_what_they_mean()
    {
        foreach (var part in RulesPart.All.Where(p => p.IsList))
        {
            var form = Form("{}");
            form.Add(part.Key, part.Begin!(form));

            Assert.Null(form.Document);
            Assert.True(part.Errors(form) > 0, part.Key);
        }
    }

    [Theory]
    [InlineData("[1]", "no object")]
    [InlineData("{", "not JSON")]
    [InlineData("{\"rules\":[],\"rules\":[]}", "not JSON")]
    [InlineData("{\"time_zone\":\"\\ud800\"}", "not JSON")]
    public void What_is_no_document_is_not_imported(string json, string why)
    {
        Assert.Null(DraftDocument.Import(json, out var error));
        Assert.Contains(why, error, StringComparison.Ordinal);
    }

    [Fact]
    public void A_wrong_document_is_imported_with_its_errors_and_one_as_it_was_read_back_too()
    {
        Assert.NotEmpty(DraftDocument.Import("""{"breakers":[{"id":"b"}],"colour":1}""", out _)!.ErrorsAt("colour"));
        Assert.Equal(Autonomy.Off, DraftDocument.Import("""{"scope":"fleet","version":3,"policy":{"autonomy":"off"}}""", out _)!.Document!.Autonomy);
    }

    [Fact]
    public void Two_peoples_changes_come_together_and_the_drafts_count_where_they_meet()
    {
        var start = Tree("""{"autonomy":"suggest","limits":[{"type":"a","max_amount":1,"currency":"USD"},{"type":"b","max_amount":1,"currency":"USD"}],"review":{"approvals":1}}""");
        var mine = Tree("""{"autonomy":"suggest","limits":[{"type":"a","max_amount":2,"currency":"USD"},{"type":"b","max_amount":3,"currency":"USD"}],"review":{"approvals":1,"sample_rate":0.5}}""");
        var theirs = Tree("""{"autonomy":"bounded","limits":[{"type":"b","max_amount":9,"currency":"USD"},{"type":"A","max_amount":1,"currency":"USD"},{"type":"c","max_amount":4,"currency":"USD"}],"review":{"approvals":2}}""");

        var merged = DocumentMerge.Merge(start, mine, theirs);

        Assert.Equal("bounded", (string?)merged["autonomy"]);
        Assert.Equal(["b 3", "a 2", "c 4"], merged["limits"]!.AsArray().Select(l => $"{l!["type"]} {l["max_amount"]}"));
        Assert.Equal((2, 0.5), ((int)merged["review"]!["approvals"]!, (double)merged["review"]!["sample_rate"]!));
    }

    [Fact]
    public void What_one_removed_stays_removed()
    {
        var start = Tree("""{"rules":[{"id":"x","when":{"all":[]},"then":"deny"},{"id":"y","when":{"all":[]},"then":"deny"}]}""");

        var merged = DocumentMerge.Merge(start, Tree("""{"rules":[{"id":"y","when":{"all":[]},"then":"deny"}]}"""), Tree("""{"rules":[{"id":"x","when":{"all":[]},"then":"deny"}],"autonomy":"off"}"""));

        Assert.Equal("""{"autonomy":"off"}""", merged.ToJsonString());
    }

    [Theory]
    [InlineData("""{"field":"amount","op":"gt","value":5}""", "vendor", """{"field":"vendor","op":"eq"}""")]
    [InlineData("""{"field":"amount","op":"gt","value":5}""", "confidence", """{"field":"confidence","op":"gt","value":5}""")]
    [InlineData("""{"field":"vendor","op":"in","value":["A","B"]}""", "category", """{"field":"category","op":"in","value":["A","B"]}""")]
    [InlineData("""{"field":"vendor","op":"eq","value":"A"}""", "session.taint", """{"field":"session.taint","op":"contains"}""")]
    public void Another_member_takes_along_what_it_can_mean(string before, string field, string after)
    {
        var node = Tree(before);
        ConditionForm.Speak(node, field);
        Assert.Equal(after, node.ToJsonString());
    }

    [Theory]
    [InlineData("""{"field":"vendor","op":"eq","value":"A"}""", Operator.In, """{"field":"vendor","op":"in","value":["A"]}""")]
    [InlineData("""{"field":"vendor","op":"in","value":["A","B"]}""", Operator.Ne, """{"field":"vendor","op":"ne","value":"A"}""")]
    [InlineData("""{"field":"arguments.n","op":"eq","value":"7"}""", Operator.Gt, """{"field":"arguments.n","op":"gt","value":7}""")]
    [InlineData("""{"field":"vendor","op":"eq","value":"A","missing":"ignore"}""", Operator.Exists, """{"field":"vendor","op":"exists","value":true}""")]
    [InlineData("""{"field":"vendor","op":"exists","value":true}""", Operator.Glob, """{"field":"vendor","op":"glob"}""")]
    public void Another_operator_takes_along_what_it_can_mean(string before, Operator op, string after)
    {
        var node = Tree(before);
        ConditionForm.Operate(node, op);
        Assert.Equal(after, node.ToJsonString());
    }

    [Fact]
    public void A_group_turns_into_another_kind_and_back_with_its_parts()
    {
        const string two = """{"any":[{"field":"amount","op":"gt","value":5},{"field":"hour","op":"lt","value":6}]}""";
        var node = Tree(two);

        ConditionForm.Turn(node, ConditionForm.Not);
        Assert.Equal(2, ConditionForm.Parts(ConditionForm.Parts(node)[0]).Count);
        ConditionForm.Turn(node, ConditionForm.Any);

        Assert.Equal(two, node.ToJsonString());
    }

    [Fact]
    public void A_trial_counts_budgets_that_nothing_is_known_of_as_untouched_and_says_so()
    {
        var layers = new[] { new PolicyLayer(PolicyLayer.Fleet, 1, Form("""{"autonomy":"bounded","limits":[{"type":"expense.approve","max_amount":50,"currency":"USD","max_total":60,"per":"day"}]}""").Document!) };
        var typed = new TrialAction { Agent = "desk", Type = "expense.approve", Amount = "48.20", Currency = "usd" };

        var (action, facts, at) = typed.Read(DateTimeOffset.UnixEpoch)!.Value;
        var trial = Trial.Of(layers, action, facts, at);

        Assert.Equal((Verdict.Allow, 1), (trial.Decision.Verdict, trial.Untouched.Count));
    }

    [Fact]
    public void A_trial_names_each_field_that_it_can_not_read()
    {
        var typed = new TrialAction { Agent = "desk", Amount = "1.000,00", Confidence = "2", Currency = "dollars", Arguments = "[1]", Turns = "1.5" };

        Assert.Null(typed.Read(DateTimeOffset.UnixEpoch));
        Assert.Equal(["Amount", "Arguments", "Confidence", "Currency", "Turns", "Type"], typed.Errors.Keys.Order());
    }

    private static DraftDocument Form(string json) => DraftDocument.Import(json, out _)!;

    private static JsonObject Tree(string json) => (JsonObject)JsonNode.Parse(json)!;
}

using System.Globalization;
using Handrail.Policy;

namespace Handrail;

/// <summary>What an editor of conditions may offer.</summary>
public sealed class ConditionFieldTests
{
    private static readonly ActionRequest Whole = new("a-1", "desk", "expense.approve")
    {
        AgentVersion = "1.4", User = "u-42", Tool = "approve_expense", Amount = 48.2m, Currency = "USD", Vendor = "Blue Door", Category = "meals", Confidence = 0.9m,
        Reasoning = "Under the limit", Risk = Risk.External,
    };

    public static TheoryData<string, string> Offered =>
        [.. ConditionField.All.Where(member => member.Kind != FieldValue.Any).SelectMany(member => member.Operators.Select(op => (member.Name, op.Word())))];

    [Fact]
    public void Every_member_that_conditions_may_speak_of_is_offered_once()
    {
        Assert.Equal([.. Fields.Names.Append("arguments.").Order()], ConditionField.All.Select(field => field.Name).Order());
        Assert.Equal("arguments.", ConditionField.Of("arguments.order.lines")!.Name);
        Assert.Null(ConditionField.Of("amuont"));
    }

    [Theory, MemberData(nameof(Offered))]
    public void What_is_offered_is_accepted_and_known_to_hold_or_not(string name, string op)
    {
        var field = ConditionField.Of(name)!;
        var one = field switch
        {
            { Choices: [var word, ..] } => $"\"{word}\"",
            { Kind: FieldValue.Number } => "7",
            _ => "\"x\"",
        };
        var value = op switch { "in" or "not_in" => $"[{one}]", "exists" => "true", _ => one };

        var decision = Policies.Decide(
            string.Create(CultureInfo.InvariantCulture, $$"""{"autonomy":"autonomous","rules":[{"id":"r","when":{"field":"{{name}}","op":"{{op}}","value":{{value}}},"then":"deny"}]}"""), Whole);

        Assert.True(decision.Verdict is Verdict.Allow or Verdict.Deny, decision.Reasons[0].Text);
    }
}

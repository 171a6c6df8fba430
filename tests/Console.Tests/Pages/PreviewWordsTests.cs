using Handrail.Policies;
using Handrail.Policy;
using Xunit;

namespace Handrail.Pages;

/// <summary>A preview in the sentences that a product owner reads beside the slider.</summary>
public sealed class PreviewWordsTests
{
    [Fact]
    public void What_would_go_is_summed_over_all_that_it_was_before_and_says_what_people_had_rejected()
    {
        var lines = PreviewWords.Of(Preview(
            new VerdictChange(Verdict.Review, Verdict.Allow, 300, [new(12_000m, "USD")]) { Approved = 200, Rejected = 4 },
            new VerdictChange(Verdict.Shadow, Verdict.Allow, 12, [new(430m, "USD"), new(5m, "EUR")])));

        var line = Assert.Single(lines);
        Assert.Equal("312 more would go, 5.00 EUR and 12,430.00 USD", line.Text);
        Assert.Equal("people had rejected 4 of those", line.Against!.Text);
        Assert.Equal((null, Verdict.Allow, PeopleDecision.Rejected), (line.Against.List.From, line.Against.List.To, line.Against.List.People));
    }

    [Fact]
    public void What_would_no_longer_go_and_what_else_would_change_are_told_apart()
    {
        var lines = PreviewWords.Of(Preview(
            new VerdictChange(Verdict.Allow, Verdict.Review, 7, []) { Approved = 2 }, new VerdictChange(Verdict.Review, Verdict.Deny, 9, [])));

        Assert.Equal(["7 would no longer go by themselves", "9 would be refused instead of sent to a person"], lines.Select(l => l.Text));
        Assert.Equal("people had approved 2 of those", lines[0].Against!.Text);
        Assert.All(lines, l => Assert.False(l.Looser));
    }

    [Fact]
    public void Agreement_comes_with_its_count_and_its_interval()
    {
        Assert.Equal("95 % of 200 (91 to 97.3 %)", PreviewWords.Agreement(new Agreement(190, 10, 3)));
        Assert.Equal("nothing that people decided on either", PreviewWords.Agreement(default));
    }

    private static PolicyPreview Preview(params VerdictChange[] changes) => new()
    {
        Scope = "fleet", Since = DateTimeOffset.UnixEpoch, Until = DateTimeOffset.UnixEpoch.AddDays(30), Actions = 1_000, Changed = changes.Sum(c => c.Count), Changes = changes,
        Now = default, Draft = default, Items = [],
    };
}

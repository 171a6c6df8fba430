using Handrail.Store;

namespace Handrail.Notify;

/// <summary>What is read into a form and not touched comes out of it as it was.</summary>
public sealed class NotifyFormsTests
{
    private static readonly DateTimeOffset Noon = new(2026, 11, 25, 12, 0, 0, TimeSpan.Zero);

    private static readonly RuleTerms Terms = new()
    {
        Kinds = [NoticeKind.HandoffOpened, NoticeKind.BreakerTripped],
        Agents = ["expense-*", "desk"],
        Roles = ["Owner"],
        MinAmount = 99.50m,
        Currency = "USD",
        AfterMinutes = 10,
        Quiet = new QuietHours { TimeZone = "Europe/Berlin", From = new(22, 0), To = new(7, 30), Days = [DayOfWeek.Monday, DayOfWeek.Friday], Drop = true },
    };

    [Fact]
    public void A_rule_comes_out_of_its_form_as_it_went_in()
    {
        var draft = RuleForm.Of(new RuleReading("nr-1", "Night", "ch-1", "On call", Enabled: false, Terms, 3, Noon, "ann@example.com")).Draft();

        Assert.Equal(("Night", "ch-1", false), (draft.Name, draft.ChannelId, draft.Enabled));
        Assert.Equal(JsonText.Of(Terms), JsonText.Of(draft.Terms));
    }

    [Fact]
    public void A_channel_comes_out_of_its_form_as_it_went_in_and_without_a_secret()
    {
        var address = new ChannelAddress
        {
            Host = "smtp.example.com", Port = 465, Security = MailSecurity.Tls, UserName = "handrail", From = "handrail@example.com", To = ["a@example.com", "b@example.com"], ToRoles = ["OnCall", "Owner"],
        };
        var draft = ChannelForm.Of(new ChannelReading
        {
            Id = "ch-1", Name = "Mail", Kind = ChannelKind.Email, Enabled = true, Detail = ChannelDetail.LinkOnly, Address = address, HasSecret = true, Version = 1, ChangedAt = Noon, ChangedBy = "ann@example.com",
            Failures = 0, Pending = 0, Dead = 0,
        }).Draft();

        Assert.Null(draft.Secret);
        Assert.Equal(ChannelDetail.LinkOnly, draft.Detail);
        Assert.Equal(JsonText.Of(address), JsonText.Of(draft.Address()));
    }

    [Theory]
    [InlineData("ten", "", "22:00", "after_minutes")]
    [InlineData("", "a lot", "22:00", "min_amount")]
    [InlineData("", "", "10 pm", "quiet.from")]
    public void What_is_no_number_or_time_is_said_at_its_field(string after, string amount, string from, string member)
    {
        var form = new RuleForm { Name = "x", ChannelId = "ch-1", AfterMinutes = after, MinAmount = amount, Currency = "USD", Quiet = true, QuietFrom = from };

        Assert.Equal([member], Assert.Throws<Refusal>(form.Draft).Errors.Keys);
    }

    [Fact]
    public void A_rule_reads_as_a_sentence() => Assert.Equal(
        "A decision waits for a person; A breaker tripped, of expense-* or desk, from 99.50 USD, put before Owner, when nobody has acknowledged it after 10 min. Mon, Fri 22:00–07:30 Europe/Berlin nothing is sent.",
        NotifyWords.Sentence(new RuleReading("nr-1", "Night", "ch-1", "On call", Enabled: true, Terms, 3, Noon, "ann@example.com")));
}

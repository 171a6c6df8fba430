using CsCheck;
using Xunit;

namespace Handrail.Notify;

/// <summary>Which notice a rule speaks of, and when nobody is to be told.</summary>
public sealed class RuleMatchingTests
{
    private static Notice Notice(NoticeKind kind = NoticeKind.HandoffOpened, string? agent = "expense-approver", decimal? amount = 100, string? role = null)
    {
        var notice = Notices.New(kind, "c");
        (notice.Agent, notice.Amount, notice.Currency, notice.Role, notice.At) = (agent, amount, amount is null ? null : "USD", role, Outbox.Noon);
        return notice;
    }

    [Fact]
    public void A_rule_that_asks_nothing_speaks_of_all_that_wants_a_person_and_of_nothing_else() =>
        Assert.All(
            Enum.GetValues<NoticeKind>(),
            kind => Assert.Equal(
                kind is NoticeKind.HandoffOpened or NoticeKind.HandoffEscalated or NoticeKind.DeadlineNear or NoticeKind.BreakerTripped or NoticeKind.NotObeyed or NoticeKind.ConsoleUnwell,
                RuleMatching.Matches(new RuleTerms(), Notice(kind))));

    [Fact]
    public void Agent_amount_and_role_narrow_a_rule()
    {
        var terms = new RuleTerms { Agents = ["expense-*"], MinAmount = 100, Currency = "USD", Roles = ["Owner"] };

        Assert.True(RuleMatching.Matches(terms, Notice(role: "Owner")));
        Assert.False(RuleMatching.Matches(terms, Notice(role: "Reviewer")));
        Assert.False(RuleMatching.Matches(terms, Notice()));
        Assert.False(RuleMatching.Matches(terms, Notice(role: "Owner", agent: "desk")));
        Assert.False(RuleMatching.Matches(terms, Notice(role: "Owner", agent: null)));
        Assert.False(RuleMatching.Matches(terms, Notice(role: "Owner", amount: 99.99m)));
        Assert.False(RuleMatching.Matches(terms, Notice(role: "Owner", amount: null)));
        Assert.False(RuleMatching.Matches(terms with { Currency = "EUR" }, Notice(role: "Owner")));
    }

    [Fact]
    public void A_later_step_is_only_for_what_nobody_has_acknowledged() =>
        Assert.Equal(new RuleVerdict(Outbox.Noon.AddMinutes(10), true), RuleMatching.When(new RuleTerms { AfterMinutes = 10 }, Notice()));

    [Fact]
    public void Quiet_hours_hold_until_their_end_on_the_clock_of_their_place()
    {
        var quiet = new QuietHours { TimeZone = "Europe/Berlin", From = new(22, 0), To = new(7, 0) };

        Assert.Null(QuietTimes.EndAfter(quiet, new(2026, 11, 25, 20, 59, 0, TimeSpan.Zero)));
        Assert.Equal(new(2026, 11, 26, 6, 0, 0, TimeSpan.Zero), QuietTimes.EndAfter(quiet, new(2026, 11, 25, 21, 0, 0, TimeSpan.Zero)));
        Assert.Equal(new(2026, 7, 1, 5, 0, 0, TimeSpan.Zero), QuietTimes.EndAfter(quiet, new(2026, 7, 1, 4, 59, 0, TimeSpan.Zero)));
        Assert.Null(QuietTimes.EndAfter(quiet, new(2026, 7, 1, 5, 0, 0, TimeSpan.Zero)));
    }

    [Fact]
    public void Quiet_hours_that_begin_when_the_clock_is_put_forward_or_back_end_when_the_clock_on_the_wall_says_so()
    {
        var quiet = new QuietHours { TimeZone = "Europe/Berlin", From = new(2, 30), To = new(3, 30) };

        // On 29 March there is no half past two: it is quiet from three.
        Assert.Null(QuietTimes.EndAfter(quiet, new(2026, 3, 29, 0, 59, 0, TimeSpan.Zero)));
        Assert.Equal(new(2026, 3, 29, 1, 30, 0, TimeSpan.Zero), QuietTimes.EndAfter(quiet, new(2026, 3, 29, 1, 0, 0, TimeSpan.Zero)));
        Assert.Equal(new(2026, 10, 25, 2, 30, 0, TimeSpan.Zero), QuietTimes.EndAfter(quiet, new(2026, 10, 25, 1, 45, 0, TimeSpan.Zero)));
    }

    [Fact]
    public void A_quiet_weekend_ends_on_Monday()
    {
        var quiet = new QuietHours { TimeZone = "UTC", From = new(0, 0), To = new(0, 0), Days = [DayOfWeek.Saturday, DayOfWeek.Sunday] };

        Assert.Equal(new(2026, 11, 30, 0, 0, 0, TimeSpan.Zero), QuietTimes.EndAfter(quiet, new(2026, 11, 28, 13, 0, 0, TimeSpan.Zero)));
        Assert.Null(QuietTimes.EndAfter(quiet, new(2026, 11, 27, 23, 59, 0, TimeSpan.Zero)));
    }

    [Fact]
    public void What_is_held_is_told_when_it_is_loud_and_what_is_dropped_never()
    {
        var quiet = new QuietHours { TimeZone = "UTC", From = new(11, 0), To = new(13, 0) };

        Assert.Equal(new RuleVerdict(Outbox.Noon.AddHours(1), true), RuleMatching.When(new RuleTerms { Quiet = quiet }, Notice()));
        Assert.Equal(new RuleVerdict(Outbox.Noon.AddHours(1), false), RuleMatching.When(new RuleTerms { Quiet = quiet }, Notice(NoticeKind.PolicyPublished)));
        Assert.Null(RuleMatching.When(new RuleTerms { Quiet = quiet with { Drop = true } }, Notice()).At);
    }

    [Fact]
    public void The_end_of_quiet_hours_is_never_quiet_and_never_past()
    {
        var zones = Gen.OneOfConst("UTC", "Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Asia/Kathmandu");
        var quiet = Gen.Select(zones, Gen.Int[0, 1439], Gen.Int[0, 1439], Gen.Enum<DayOfWeek>().List[0, 5], (zone, from, to, days) => new QuietHours
        {
            TimeZone = zone, From = TimeOnly.MinValue.AddMinutes(from), To = TimeOnly.MinValue.AddMinutes(to == from ? (to + 1) % 1440 : to), Days = [.. days.Distinct()],
        });

        Gen.Select(quiet, Gen.Int[0, 525_600]).Sample((hours, minutes) =>
        {
            var moment = new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero).AddMinutes(minutes);
            if (QuietTimes.EndAfter(hours, moment) is { } end)
            {
                Assert.True(end > moment && end <= moment.AddDays(2));
                Assert.Null(QuietTimes.EndAfter(hours, end));
            }
        });
    }
}

using Handrail.Handoffs;
using Xunit;

namespace Handrail.Pages;

public sealed class InboxQueueTests
{
    private static readonly DateTimeOffset Noon = new(2026, 5, 1, 12, 0, 0, TimeSpan.Zero);

    private readonly InboxQueue _queue = new();

    [Fact]
    public void First_DeadlinesOfOneMinute_PutsTheLargerAmountFirst()
    {
        InboxRow[] rows = [Row("late", 1, minutes: 9), Row("none", 9_999), Row("small", 1, minutes: 5), Row("large", 70, minutes: 5.5)];

        Assert.Equal(["large", "small", "late", "none"], rows.Order(Urgency.First).Select(r => r.Id));
    }

    [Fact]
    public void Take_ANewRowThatBelongsLast_GoesToTheEnd()
    {
        Take(Row("a", 1, minutes: 5));

        Take(Row("a", 1, minutes: 5), Row("b", 1, minutes: 9));

        Assert.Equal(["a", "b"], Ids());
        Assert.Empty(_queue.Held);
    }

    [Fact]
    public void Take_ANewRowThatIsMoreUrgent_WaitsUntilSettled()
    {
        Take(Row("b", 1, minutes: 9));

        Take(Row("a", 1, minutes: 5), Row("b", 1, minutes: 9));

        Assert.Equal(["b"], Ids());
        Assert.Equal(["a"], _queue.Held.Select(r => r.Id));
        Assert.Equal(2, _queue.Open);
        _queue.Settle();
        Assert.Equal(["a", "b"], Ids());
    }

    [Fact]
    public void Take_ARowThatWasDecided_StaysInItsPlaceAndSaysSo()
    {
        Take(Row("a", 1, minutes: 5), Row("b", 1, minutes: 9));

        Take([Row("b", 1, minutes: 9)], left: Row("a", 1, minutes: 5) with { Status = HandoffStatus.Approved });

        Assert.Equal(["a", "b"], Ids());
        Assert.False(_queue.Rows.First().Open);
        _queue.Settle();
        Assert.Equal(["b"], Ids());
    }

    [Fact]
    public void Take_NothingOpenOnTheScreen_ShowsTheNewAtOnce()
    {
        Take(Row("a", 1, minutes: 5));

        Take([Row("z", 1, minutes: 1)], left: Row("a", 1, minutes: 5) with { Status = HandoffStatus.Rejected });

        Assert.Equal(["a", "z"], Ids());
    }

    [Fact]
    public void After_TheLastRow_GoesBackToTheOneBefore()
    {
        Take(Row("a", 1, minutes: 5), Row("b", 1, minutes: 9));

        Assert.Equal("b", _queue.After("a")?.Id);
        Assert.Equal("a", _queue.After("b")?.Id);
        Assert.Null(_queue.Step("b", 1));
    }

    private void Take(params InboxRow[] rows) => Take(rows, []);

    private void Take(InboxRow[] rows, params InboxRow[] left) => _queue.Take(new InboxReading(
        new QueueReading(rows, rows.ToDictionary(r => r.Id), new Dictionary<string, InboxRow>(), false), rows, left, new Dictionary<string, DateTimeOffset>()));

    private IEnumerable<string> Ids() => _queue.Rows.Select(r => r.Id);

    private static InboxRow Row(string id, decimal amount, double? minutes = null) => new()
    {
        Id = id,
        Version = 1,
        OnTimeout = "reject",
        Kind = HandoffKind.Approval,
        Status = HandoffStatus.Open,
        Agent = "desk",
        Amount = amount,
        Currency = "USD",
        OpenedAt = Noon,
        ExpiresAt = minutes is { } m ? Noon.AddMinutes(m) : null,
    };
}

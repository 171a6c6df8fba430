namespace Handrail.Handoffs;

/// <summary>
/// The order people work in: by deadline, then the larger amount, then the longer wait. Deadlines count by the minute: otherwise
/// the amount would never have a say.
/// </summary>
public static class Urgency
{
    public static IComparer<InboxRow> First { get; } = Comparer<InboxRow>.Create(Compare);

    private static int Compare(InboxRow one, InboxRow other)
    {
        var order = Minute(one).CompareTo(Minute(other));
        order = order != 0 ? order : (other.Amount ?? 0).CompareTo(one.Amount ?? 0);
        order = order != 0 ? order : one.OpenedAt.CompareTo(other.OpenedAt);
        return order != 0 ? order : string.CompareOrdinal(one.Id, other.Id);
    }

    private static long Minute(InboxRow row) => row.ExpiresAt?.UtcTicks / TimeSpan.TicksPerMinute ?? long.MaxValue;
}

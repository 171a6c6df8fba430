using Handrail.Access;
using Handrail.Handoffs;
using Xunit;

namespace Handrail.Pages;

public sealed class BulkApprovalTests
{
    private static readonly DateTimeOffset Noon = new(2026, 5, 1, 12, 0, 0, TimeSpan.Zero);

    private static readonly Caller Anna = new() { Kind = CallerKind.Person, Id = "p-1", Name = "anna@example.com", Roles = new HashSet<string> { Permissions.Reviewer } };

    [Fact]
    public void Offered_OnlyTheSameTypeRiskAndCurrencyUpToTheLimit_AndTheirSum()
    {
        var like = Row("like", 50);
        var bulk = Of(like, like, Row("small", 20.50m), Row("above", 50.01m), Row("riskier", 10) with { Risk = "irreversible" }, Row("other", 10) with { Type = "expense.export" },
            Row("euros", 10) with { Currency = "EUR" }, Row("sample", 10) with { Kind = HandoffKind.Sample }, Row("none", 10) with { Amount = null });

        Assert.Equal(["like", "small"], bulk.Offered.Select(r => r.Id));
        Assert.Equal((70.50m, 1), (bulk.Sum, bulk.Above));

        bulk.Limit = 20.50m;
        Assert.Equal(["small"], bulk.Offered.Select(r => r.Id));
        bulk.Choose(bulk.Offered[0], false);
        Assert.Equal(0, bulk.Sum);
        Assert.Empty(bulk.Chosen);
    }

    [Fact]
    public void Offered_WhatTheCommandWouldRefuse_IsLeftOut()
    {
        var like = Row("like", 50);
        var bulk = Of(like, like,
            Row("claimed", 1) with { ClaimedBy = "ben@example.com", ClaimedUntil = Noon.AddMinutes(1) }, Row("was claimed", 2) with { ClaimedBy = "ben@example.com", ClaimedUntil = Noon },
            Row("delegated", 3) with { AssignedTo = "ben@example.com" }, Row("to me", 4) with { AssignedTo = "anna@example.com" }, Row("escalated", 5) with { Role = Permissions.Owner },
            Row("own", 6) with { User = "ANNA@example.com", ForbidSelfApproval = true }, Row("approved", 7) with { ApprovedBy = "anna@example.com\n", ApprovalsNeeded = 2 },
            Row("needs two", 8) with { ApprovalsNeeded = 2 }, Row("over", 9) with { ExpiresAt = Noon });

        Assert.Equal(["like", "needs two", "to me", "was claimed"], bulk.Offered.Select(r => r.Id));
        Assert.Equal(1, bulk.NeedMore);
    }

    private static BulkApproval Of(InboxRow like, params InboxRow[] rows) => new(like, rows, new Rights(Anna), Noon);

    private static InboxRow Row(string id, decimal amount) => new()
    {
        Id = id, Version = 1, Kind = HandoffKind.Approval, Status = HandoffStatus.Open, Agent = "desk", Type = "expense.approve", Amount = amount, Currency = "USD", Risk = "external",
        OnTimeout = "reject", OpenedAt = Noon.AddHours(-1), ExpiresAt = Noon.AddHours(1), ApprovalsNeeded = 1,
    };
}

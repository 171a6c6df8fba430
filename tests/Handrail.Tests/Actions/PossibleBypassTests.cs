using CsCheck;
using Handrail.Store;
using Xunit;

namespace Handrail.Actions;

/// <summary>Which action may go around one that was refused: the one rule, without a database.</summary>
public sealed class PossibleBypassTests
{
    private static readonly DateTimeOffset Noon = new(2026, 5, 1, 12, 0, 0, TimeSpan.Zero);

    private static readonly Gen<EarlierAction> Any = Gen.Select(
        Gen.Int[0, 100_000], Gen.Enum<ActionStatus>(), Gen.Int[0, 600], Gen.OneOfConst<string?>(null, "pay", "wire"), Gen.OneOfConst<string?>(null, "Blue Door", "Delta"),
        Gen.Int[-20, 120].Nullable(), Gen.Int[1, 3].Nullable(), Gen.OneOfConst("USD", "EUR"),
        (id, status, at, tool, vendor, amount, print, currency) => new EarlierAction($"a-{id}", "payment.send", status, Noon.AddSeconds(at))
        {
            Tool = tool, Vendor = vendor, Amount = amount, Currency = amount is null ? null : currency, ArgumentsPrint = print,
        });

    private static readonly Gen<(EarlierAction Asked, List<EarlierAction> Earlier)> AnySession = Gen.Select(
        Any, Any.List[0, 12], (asked, earlier) => (asked with { ActionId = "asked", RequestedAt = Noon.AddSeconds(601) }, earlier));

    [Fact]
    public void Where_nothing_was_refused_nothing_is_gone_around() =>
        AnySession.Sample(s => PossibleBypass.Find(s.Asked, s.Earlier.FindAll(e => !e.IsRefused)) is null);

    [Fact]
    public void What_is_named_was_refused_before_and_is_told_as_it_was() => AnySession.Sample(s =>
        PossibleBypass.Find(s.Asked, s.Earlier) is not { } mark
        || s.Earlier.Exists(e => e.IsRefused && e.ActionId == mark.Of && (e.Status, e.Type, e.Tool, e.Vendor, e.Amount, e.Currency) == (mark.Status, mark.Type, mark.Tool, mark.Vendor, mark.Amount, mark.Currency)));

    [Fact]
    public void Pieces_are_several_each_smaller_and_reach_the_whole_in_its_currency() => AnySession.Sample(s =>
        PossibleBypass.Find(s.Asked, s.Earlier) is not { Way: BypassWay.Pieces } mark
        || (mark.Pieces > 1 && mark.Total >= mark.Amount && s.Asked.Amount < mark.Amount && s.Asked.Currency == mark.Currency));

    [Fact]
    public void The_same_arguments_another_way_are_always_found() => AnySession.Sample(s =>
    {
        var refused = s.Asked with { ActionId = "r", Tool = "another", Status = ActionStatus.Denied, ArgumentsPrint = 7, RequestedAt = Noon };
        return PossibleBypass.Find(s.Asked with { ArgumentsPrint = 7 }, [.. s.Earlier, refused]) is { Way: BypassWay.OtherTool, Of: "r" };
    });

    [Fact]
    public void However_an_amount_is_split_the_piece_that_reaches_it_is_found() => Gen.Int[1, 99].List[1, 20].Sample(pieces =>
    {
        var whole = pieces.Sum() + 1;
        var earlier = new List<EarlierAction> { Of("whole", ActionStatus.Rejected, 0, whole) };
        for (var i = 0; i < pieces.Count; i++)
        {
            var piece = Of($"p-{i}", ActionStatus.Allowed, i + 1, pieces[i]);
            if (PossibleBypass.Find(piece, earlier) is not null)
            {
                return false;
            }

            earlier.Add(piece);
        }

        // A dollar is missing, and comes to somebody else first.
        return PossibleBypass.Find(Of("last", ActionStatus.Pending, 99, 1, "Delta"), earlier) is null
            && PossibleBypass.Find(Of("last", ActionStatus.Pending, 99, 1), earlier) is { Way: BypassWay.Pieces, Of: "whole" } mark && mark.Pieces == pieces.Count + 1 && mark.Total == whole;
    });

    [Fact]
    public void What_came_before_the_refusal_what_was_refused_itself_and_other_currencies_are_no_pieces()
    {
        var whole = Of("whole", ActionStatus.Denied, 10, 100);

        Assert.Null(PossibleBypass.Find(Of("b", ActionStatus.Allowed, 20, 60), [Of("a", ActionStatus.Allowed, 5, 60), whole]));
        Assert.Null(PossibleBypass.Find(Of("b", ActionStatus.Allowed, 20, 60), [whole, Of("a", ActionStatus.Denied, 15, 60)]));
        Assert.Null(PossibleBypass.Find(Of("b", ActionStatus.Allowed, 20, 60), [whole, Of("a", ActionStatus.Allowed, 15, 60) with { Currency = "EUR" }]));
        Assert.NotNull(PossibleBypass.Find(Of("b", ActionStatus.Allowed, 20, 60), [whole, Of("a", ActionStatus.Allowed, 15, 60)]));
    }

    [Fact]
    public void A_vendor_spelt_otherwise_or_left_out_hides_nothing()
    {
        var earlier = new List<EarlierAction> { Of("whole", ActionStatus.Denied, 10, 100), Of("a", ActionStatus.Allowed, 15, 60, " BLUE  door ") };

        Assert.NotNull(PossibleBypass.Find(Of("b", ActionStatus.Allowed, 20, 60, null), earlier));
        Assert.Null(PossibleBypass.Find(Of("b", ActionStatus.Allowed, 20, 60, null) with { Tool = "wire" }, earlier));
    }

    [Theory]
    [InlineData("""{"to":"x","amount":20.0}""", """{ "amount": 2e1, "to": "x" }""", true)]
    [InlineData("""{"to":"x"}""", """{"to":"y"}""", false)]
    public void Arguments_are_the_same_by_their_canonical_form(string one, string other, bool same) =>
        Assert.Equal(same, PossibleBypass.PrintOf(JsonText.Element(one)) == PossibleBypass.PrintOf(JsonText.Element(other)));

    [Fact]
    public void No_arguments_are_no_reason()
    {
        Assert.Null(PossibleBypass.PrintOf(null));
        Assert.Null(PossibleBypass.PrintOf(JsonText.Element("{}")));
        Assert.Null(PossibleBypass.PrintOf(JsonText.Element("null")));
        Assert.Null(PossibleBypass.Find(Of("b", ActionStatus.Allowed, 20, 1) with { ArgumentsPrint = null, Tool = "wire" }, [Of("a", ActionStatus.Denied, 10, 100) with { ArgumentsPrint = null }]));
    }

    private static EarlierAction Of(string id, ActionStatus status, int at, decimal amount, string? vendor = "Blue Door") => new(id, "payment.send", status, Noon.AddSeconds(at))
    {
        Tool = "pay", Vendor = vendor, Amount = amount, Currency = "USD", ArgumentsPrint = id.GetHashCode(StringComparison.Ordinal),
    };
}

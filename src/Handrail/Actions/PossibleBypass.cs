using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Handrail.Policy;

namespace Handrail.Actions;

/// <summary>How an action may go around one that was refused.</summary>
public enum BypassWay
{
    /// <summary>The same arguments by another tool or under another type.</summary>
    OtherTool,

    /// <summary>The same tool or vendor, in smaller amounts that together reach the one that was refused.</summary>
    Pieces,
}

/// <summary>An action that came in its session before another one, as far as going around it can be told from it.</summary>
/// <param name="ArgumentsPrint">As <see cref="PossibleBypass.PrintOf"/> gives it; null where nothing is to be compared.</param>
public sealed record EarlierAction(string ActionId, string Type, ActionStatus Status, DateTimeOffset RequestedAt)
{
    public string? Tool { get; init; }

    public string? Vendor { get; init; }

    public decimal? Amount { get; init; }

    public string? Currency { get; init; }

    public long? ArgumentsPrint { get; init; }

    public bool IsRefused => Status is ActionStatus.Denied or ActionStatus.Rejected or ActionStatus.Expired;
}

/// <summary>That an action may go around one that was refused in the same session. It changes no verdict: a person is to see it before deciding, and afterwards.</summary>
/// <param name="Of">The refused action's id.</param>
/// <param name="Status">How it was refused.</param>
public sealed record PossibleBypass(BypassWay Way, string Of, string Type, ActionStatus Status)
{
    public string? Tool { get; init; }

    public string? Vendor { get; init; }

    /// <summary>What was refused.</summary>
    public decimal? Amount { get; init; }

    public string? Currency { get; init; }

    /// <summary>In how many pieces it comes by now, this one counted; null where it is whole.</summary>
    public int? Pieces { get; init; }

    /// <summary>What the pieces come to by now.</summary>
    public decimal? Total { get; init; }

    /// <summary>A 64-bit print of the canonical arguments; null where there are none to tell actions apart by.</summary>
    public static long? PrintOf(JsonElement? arguments)
    {
        if (arguments is not { ValueKind: JsonValueKind.Object } given || !given.EnumerateObject().Any() || !CanonicalJson.TrySerialize(given, out var canonical))
        {
            return null;
        }

        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(Encoding.UTF8.GetBytes(canonical), hash);
        return BinaryPrimitives.ReadInt64BigEndian(hash);
    }

    /// <summary>The refused action that this one may go around, the newest first; null where there is none.</summary>
    /// <param name="asked">What is asked now.</param>
    /// <param name="earlier">What was asked before in the same session; at least all that was refused, and all that was not since.</param>
    public static PossibleBypass? Find(EarlierAction asked, IReadOnlyList<EarlierAction> earlier)
    {
        PossibleBypass? pieces = null;
        foreach (var refused in earlier.Where(e => e.IsRefused).OrderByDescending(e => e.RequestedAt))
        {
            if (refused.ArgumentsPrint is { } print && print == asked.ArgumentsPrint && !(Same(refused.Tool, asked.Tool) && Same(refused.Type, asked.Type)))
            {
                return Around(refused, BypassWay.OtherTool);
            }

            pieces ??= InPieces(asked, refused, earlier);
        }

        return pieces;
    }

    private static PossibleBypass? InPieces(EarlierAction asked, EarlierAction refused, IReadOnlyList<EarlierAction> earlier)
    {
        if (!IsPiece(asked, refused))
        {
            return null;
        }

        var (count, total) = (1, asked.Amount!.Value);
        foreach (var piece in earlier)
        {
            if (!piece.IsRefused && piece.RequestedAt > refused.RequestedAt && IsPiece(piece, refused))
            {
                (count, total) = (count + 1, total + piece.Amount!.Value);
            }
        }

        return count > 1 && total >= refused.Amount ? Around(refused, BypassWay.Pieces) with { Pieces = count, Total = total } : null;
    }

    private static bool IsPiece(EarlierAction piece, EarlierAction refused) =>
        piece.Amount > 0 && piece.Amount < refused.Amount && piece.Currency == refused.Currency && IsSameTarget(piece, refused);

    /// <summary>By the vendor where both name one; a vendor that is left out hides nothing, and the tool tells, or the type where no tool is named.</summary>
    private static bool IsSameTarget(EarlierAction one, EarlierAction other) =>
        one.Vendor is not null && other.Vendor is not null ? Same(one.Vendor, other.Vendor)
        : one.Tool is not null && other.Tool is not null ? Same(one.Tool, other.Tool)
        : Same(one.Type, other.Type);

    private static bool Same(string? one, string? other) =>
        one is null || other is null ? one is null && other is null : one == other || ComparableText.Of(one) == ComparableText.Of(other);

    private static PossibleBypass Around(EarlierAction refused, BypassWay way) => new(way, refused.ActionId, refused.Type, refused.Status)
    {
        Tool = refused.Tool,
        Vendor = refused.Vendor,
        Amount = refused.Amount,
        Currency = refused.Currency,
    };
}

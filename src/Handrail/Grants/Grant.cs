using System.Buffers.Text;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Handrail.Actions;
using Handrail.Policy;
using Handrail.Store;

namespace Handrail.Grants;

/// <summary>What a grant says, as its claims are named.</summary>
internal sealed record Grant
{
    public required string Iss { get; init; }

    /// <summary>The same for every grant of one decision: whoever redeems one has redeemed all.</summary>
    public required string Jti { get; init; }

    /// <summary>Seconds since 1970.</summary>
    public required long Iat { get; init; }

    public required long Exp { get; init; }

    public required string SessionId { get; init; }

    public required string ActionId { get; init; }

    public required string Type { get; init; }

    public string? Tool { get; init; }

    public required string Agent { get; init; }

    public string? User { get; init; }

    public decimal? Amount { get; init; }

    public string? Currency { get; init; }

    public required string ArgsSha256 { get; init; }

    /// <summary>Over the canonical JSON of the action's arguments as they now stand; of <c>null</c> when it has none.</summary>
    public static string DigestOf(GatedAction action) => CanonicalJson.Sha256(JsonText.Element(action.ArgumentsJson ?? "null")!.Value);

    /// <summary>
    /// Names one decision on one action: another decision, or other arguments, and it is another. A session that has moved since keeps the name
    /// it had when the grant was issued.
    /// </summary>
    /// <param name="argsSha256">As <see cref="DigestOf"/> gives it.</param>
    public static string IdOf(string sessionId, GatedAction action, string argsSha256)
    {
        var parts = new[]
        {
            sessionId, action.ActionId, action.Digest, argsSha256, action.Amount?.ToString("0.############################", CultureInfo.InvariantCulture) ?? "",
            action.RequestedAt.UtcTicks.ToString(CultureInfo.InvariantCulture), action.DecidedAt?.UtcTicks.ToString(CultureInfo.InvariantCulture) ?? "",
        };
        return Base64Url.EncodeToString(SHA256.HashData(Encoding.UTF8.GetBytes(JsonText.Of(parts))).AsSpan(0, 16));
    }
}

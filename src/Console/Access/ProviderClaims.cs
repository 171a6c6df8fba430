using System.Security.Claims;
using System.Text.Json;

namespace Handrail.Access;

/// <summary>What of a provider's claims counts here.</summary>
public static class ProviderClaims
{
    private const string Verified = "email_verified";

    /// <summary>The claims that are read.</summary>
    public static IEnumerable<string> Read(ProviderSettings settings) =>
        new[] { settings.EmailClaim, Verified, settings.NameClaim, settings.RoleClaim, settings.DataScopeClaim }.OfType<string>().SelectMany(c => new[] { c, c.Split('.')[0] }).Distinct(StringComparer.Ordinal);

    /// <param name="user">As its tokens, which were checked, and the provider's answer about the person say.</param>
    /// <param name="issuer">Who signed the token.</param>
    public static ProviderIdentity Identity(ClaimsPrincipal user, string issuer, ProviderSettings settings)
    {
        var roles = settings.RoleClaim is { } roleClaim ? Values(user, roleClaim) : null;
        var scopes = settings.DataScopeClaim is { } scopeClaim ? Values(user, scopeClaim) : null;
        return new ProviderIdentity(
            issuer,
            user.FindFirstValue("sub") ?? throw new InvalidOperationException("The provider's token has no subject."),
            user.FindFirstValue(settings.EmailClaim)?.Trim(),
            bool.TryParse(user.FindFirstValue(Verified), out var verified) && verified,
            user.FindFirstValue(settings.NameClaim) is { Length: > 0 and <= 200 } name ? name : null,
            roles is null ? null
                : settings.Roles.Count == 0 ? [.. Permissions.Roles.Where(roles.Contains)]
                : [.. settings.Roles.Where(m => !m.IsLimited && roles.Contains(m.Value)).Select(m => m.Role).Distinct(StringComparer.Ordinal)],
            scopes is null ? null
                : settings.DataScopes.Count == 0 ? scopes
                : [.. settings.DataScopes.Where(m => scopes.Contains(m.Value)).Select(m => m.Scope).Distinct(StringComparer.Ordinal)])
        {
            LimitedRoles = roles is null || !settings.Roles.Exists(m => m.IsLimited) ? null : [.. settings.Roles.Where(m => m.IsLimited && roles.Contains(m.Value)).Select(m => m.Limited).Distinct()],
        };
    }

    /// <summary>All values of a claim, one claim each or a list in one; <c>realm_access.roles</c> is the list within an object.</summary>
    private static HashSet<string> Values(ClaimsPrincipal user, string claim)
    {
        var values = user.FindAll(claim).SelectMany(c => List(c.Value)).ToHashSet(StringComparer.Ordinal);
        if (values.Count == 0 && claim.Split('.') is [var head, .. var path] && path.Length > 0)
        {
            values.UnionWith(user.FindAll(head).SelectMany(c => Within(c.Value, path)));
        }

        return values;
    }

    private static IEnumerable<string> List(string value) => value.StartsWith('[') && Parse(value) is { ValueKind: JsonValueKind.Array } list ? Texts(list) : [value];

    private static IEnumerable<string> Within(string value, string[] path)
    {
        if (Parse(value) is not { } element)
        {
            return [];
        }

        foreach (var member in path)
        {
            if (element.ValueKind != JsonValueKind.Object || !element.TryGetProperty(member, out element))
            {
                return [];
            }
        }

        return element.ValueKind == JsonValueKind.Array ? Texts(element) : element.ValueKind == JsonValueKind.String ? [element.GetString()!] : [];
    }

    private static List<string> Texts(JsonElement list) => [.. list.EnumerateArray().Where(e => e.ValueKind == JsonValueKind.String).Select(e => e.GetString()!)];

    private static JsonElement? Parse(string json)
    {
        try
        {
            using var document = JsonDocument.Parse(json);
            return document.RootElement.Clone();
        }
        catch (JsonException)
        {
            return null;
        }
    }
}

using Microsoft.IdentityModel.Protocols.OpenIdConnect;
using Microsoft.IdentityModel.Tokens;

namespace Handrail.Access;

/// <summary>What may go wrong on the way to a provider and back.</summary>
public enum ProviderProblem
{
    /// <summary>The person, or the provider, said no.</summary>
    Denied,

    /// <summary>The provider does not answer, or has trouble of its own.</summary>
    Unreachable,

    /// <summary>It took too long, was begun in another browser, or was used already.</summary>
    Stale,

    /// <summary>What came back does not prove who it is: wrong signature, issuer, time or nonce.</summary>
    Untrusted,

    /// <summary>The provider does not know this console, or refuses what it asks for.</summary>
    Misconfigured,

    NoAddress,
    AddressTaken,
    Unknown,
    NoRole,
}

/// <summary>The same in words: nothing of what the provider wrote is shown.</summary>
public static class ProviderProblems
{
    public static string Words(this ProviderProblem problem, string provider) => problem switch
    {
        ProviderProblem.Denied => $"The sign-in with {provider} was broken off or refused there.",
        ProviderProblem.Unreachable => $"{Capital(provider)} doesn't answer. Try again in a moment.",
        ProviderProblem.Stale => "That took too long, was begun in another window, or was used already. Try again.",
        ProviderProblem.Untrusted => $"What came back from {provider} could not be trusted, so nobody was signed in. If it happens again, tell an administrator.",
        ProviderProblem.Misconfigured => $"{Capital(provider)} refuses what this console asks for. Tell an administrator: the settings of the two don't fit together.",
        ProviderProblem.NoAddress => $"{Capital(provider)} gave no e-mail address for you. Tell an administrator.",
        ProviderProblem.AddressTaken => $"Somebody is known here by your e-mail address already, and not by {provider}. An administrator can sort it out.",
        ProviderProblem.Unknown => "You are not known here yet. An administrator has to add you.",
        ProviderProblem.NoRole => $"{Capital(provider)} gives you no role that counts here. Ask for one where your groups are kept.",
        _ => throw new ArgumentOutOfRangeException(nameof(problem)),
    };

    public static ProviderProblem Of(ProviderRefusal refusal) => refusal switch
    {
        ProviderRefusal.NoAddress => ProviderProblem.NoAddress,
        ProviderRefusal.AddressTaken => ProviderProblem.AddressTaken,
        ProviderRefusal.Unknown => ProviderProblem.Unknown,
        _ => ProviderProblem.NoRole,
    };

    /// <summary>What an exception of the way back means.</summary>
    public static ProviderProblem Of(Exception? failure) => failure switch
    {
        OpenIdConnectProtocolInvalidNonceException or OpenIdConnectProtocolInvalidStateException => ProviderProblem.Stale,
        OpenIdConnectProtocolException { Data: var data } when data["error"] is string error => error switch
        {
            "access_denied" or "login_required" or "interaction_required" or "consent_required" or "account_selection_required" => ProviderProblem.Denied,
            "temporarily_unavailable" or "server_error" => ProviderProblem.Unreachable,
            "invalid_grant" => ProviderProblem.Stale,
            _ => ProviderProblem.Misconfigured,
        },
        OpenIdConnectProtocolException or SecurityTokenException => ProviderProblem.Untrusted,
        HttpRequestException or IOException or TaskCanceledException => ProviderProblem.Unreachable,
        { InnerException: { } inner } => Of(inner),

        // Without a cookie of its own an answer belongs to no sign-in that was begun here.
        _ => ProviderProblem.Stale,
    };

    private static string Capital(string text) => char.ToUpperInvariant(text[0]) + text[1..];
}

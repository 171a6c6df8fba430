using System.Net;

namespace Handrail.Notify;

/// <summary>What whoever runs the console says of its ways out.</summary>
public sealed record NotifySettings
{
    /// <summary>The console's address as people open it: what links in messages begin with.</summary>
    public Uri? PublicUrl { get; init; }

    /// <summary>Networks that are not the internet and may be sent to all the same, in the clear too.</summary>
    public IReadOnlyList<IPNetwork> AllowedNetworks { get; init; } = [];

    /// <summary>How long one attempt may take, from looking up the name to the answer.</summary>
    public TimeSpan AttemptWithin { get; init; } = TimeSpan.FromSeconds(10);

    /// <param name="publicUrl">Null or empty where none is set.</param>
    /// <param name="networks">As <c>10.0.0.0/8</c>, or a single address.</param>
    /// <exception cref="FormatException">What is set is no address or no network; says which.</exception>
    public static NotifySettings Of(string? publicUrl, IEnumerable<string> networks)
    {
        Uri? url = null;
        if (!string.IsNullOrWhiteSpace(publicUrl) && !(Uri.TryCreate(publicUrl, UriKind.Absolute, out url) && url.Scheme is "http" or "https"))
        {
            throw new FormatException($"Notify:PublicUrl is '{publicUrl}'; it must be an address such as https://handrail.example.com.");
        }

        return new NotifySettings { PublicUrl = url, AllowedNetworks = [.. networks.Select(Network)] };
    }

    private static IPNetwork Network(string text) =>
        IPNetwork.TryParse(text, out var network) ? network
        : IPAddress.TryParse(text, out var address) ? new IPNetwork(address, address.GetAddressBytes().Length * 8)
        : throw new FormatException($"Notify:AllowedNetworks names '{text}'; it must be a network such as 10.0.0.0/8.");
}

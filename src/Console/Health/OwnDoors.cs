using System.Net;
using System.Net.NetworkInformation;
using System.Net.Sockets;

namespace Handrail.Health;

/// <summary>
/// The addresses at which this console is reached. Telemetry of its own that were sent to one of them would be telemetry to take in, of which there
/// is telemetry to send.
/// </summary>
/// <param name="bound">What Kestrel listens at, by the endpoint's name.</param>
/// <param name="published">The address that people open; null where none is set.</param>
/// <param name="machine">The addresses of this machine.</param>
/// <param name="resolve">A name's addresses; none where there are none.</param>
internal sealed class OwnDoors(IReadOnlyList<(string Name, string Url)> bound, Uri? published, IReadOnlyCollection<IPAddress> machine, Func<string, IReadOnlyList<IPAddress>> resolve)
{
    /// <summary>What this process is set to listen at.</summary>
    public static OwnDoors Of(IConfiguration configuration) => new(
        [.. configuration.GetSection("Kestrel:Endpoints").GetChildren().Where(e => e["Url"] is not null).Select(e => (e.Key, e["Url"]!))],
        Uri.TryCreate(configuration["Notify:PublicUrl"], UriKind.Absolute, out var url) ? url : null,
        [.. NetworkInterface.GetAllNetworkInterfaces().SelectMany(n => n.GetIPProperties().UnicastAddresses).Select(a => a.Address)],
        Resolve);

    /// <summary>The door that an address leads to, in words; null when it leads elsewhere.</summary>
    public string? At(Uri address)
    {
        if (published is not null && Same(address, published))
        {
            return $"this console's own address (Notify:PublicUrl, {published})";
        }

        IReadOnlyList<IPAddress>? reached = null;
        foreach (var (name, url) in bound)
        {
            var door = BindingAddress.Parse(url);
            if (door.Port == address.Port && (reached ??= Reached(address)).Any(a => IsBound(door.Host, a)))
            {
                return $"this console's own endpoint {name} ({url})";
            }
        }

        return null;
    }

    private static bool Same(Uri one, Uri other) => one.Port == other.Port && string.Equals(one.Host, other.Host, StringComparison.OrdinalIgnoreCase);

    private IReadOnlyList<IPAddress> Reached(Uri address) =>
        [.. (IPAddress.TryParse(address.Host.Trim('[', ']'), out var ip) ? [ip] : resolve(address.Host)).Select(Plain)];

    /// <summary>True when what listens at a host hears what is sent to an address.</summary>
    private bool IsBound(string host, IPAddress address)
    {
        // Whoever sends to 0.0.0.0 sends to this machine.
        var here = IPAddress.IsLoopback(address) || IsAny(address);
        if (IPAddress.TryParse(host.Trim('[', ']'), out var one))
        {
            return IsAny(one) ? here || IsMachines(address) : Plain(one).Equals(address) || (IsAny(address) && IPAddress.IsLoopback(one));
        }

        // What is no address and not localhost is bound to all of them.
        return host.Equals("localhost", StringComparison.OrdinalIgnoreCase) ? here : here || IsMachines(address);
    }

    private bool IsMachines(IPAddress address) => machine.Any(a => Plain(a).Equals(address));

    private static bool IsAny(IPAddress address) => address.Equals(IPAddress.Any) || address.Equals(IPAddress.IPv6Any);

    private static IPAddress Plain(IPAddress address) => address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address;

    private static IReadOnlyList<IPAddress> Resolve(string host)
    {
        try
        {
            return Dns.GetHostAddresses(host);
        }
        catch (SocketException)
        {
            // No name of anything now, and so none of ours; what it becomes later is found by the mark of what is sent.
            return [];
        }
    }
}

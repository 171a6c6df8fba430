using System.Net;
using System.Net.Sockets;

namespace Handrail.Notify.Sending;

/// <summary>An address outside that may not be connected to, or can't be; in words for an administrator.</summary>
internal sealed class OutsideException(string message) : Exception(message);

/// <summary>
/// Connections out of the console. An administrator's channel, or whoever changed a name's entry, must not make the console call what only
/// it can reach: the address is checked after the name was resolved, and the connection goes to the very address that was checked.
/// </summary>
internal sealed class Outside(NotifySettings settings)
{
    /// <summary>Everything that is not the public internet, by IANA's registries of special-purpose addresses.</summary>
    private static readonly IPNetwork[] Special =
    [
        .. new[]
        {
            "0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12", "192.0.0.0/24", "192.0.2.0/24", "192.88.99.0/24",
            "192.168.0.0/16", "198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24", "224.0.0.0/4", "240.0.0.0/4",
            "::/96", "64:ff9b::/96", "64:ff9b:1::/48", "100::/64", "2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20", "5f00::/16", "fc00::/7", "fe80::/10", "fec0::/10", "ff00::/8",
        }.Select(n => IPNetwork.Parse(n)),
    ];

    /// <summary>True when a message may go to this address.</summary>
    /// <param name="encrypted">False for what goes in the clear, which only networks of one's own may see.</param>
    public bool May(IPAddress address, bool encrypted)
    {
        var plain = address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address;
        return settings.AllowedNetworks.Any(n => Contains(n, plain)) || (encrypted && !Special.Any(n => Contains(n, plain)));
    }

    /// <exception cref="OutsideException">The name leads nowhere, or nowhere that may be connected to.</exception>
    public async Task<Stream> ConnectAsync(string host, int port, bool encrypted, CancellationToken cancel)
    {
        var allowed = (await ResolveAsync(host, cancel)).Where(a => May(a, encrypted)).ToArray();
        if (allowed.Length == 0)
        {
            throw new OutsideException(encrypted
                ? $"{host} is in a private network, which may not be sent to unless Notify:AllowedNetworks names it."
                : $"{host} is not in a network that Notify:AllowedNetworks names, and only those are sent to without encryption.");
        }

        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            await socket.ConnectAsync(allowed, port, cancel);
            return new NetworkStream(socket, ownsSocket: true);
        }
        catch (SocketException e)
        {
            socket.Dispose();
            throw new OutsideException($"{host}:{port} does not take connections ({e.SocketErrorCode}).");
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    private static async Task<IPAddress[]> ResolveAsync(string host, CancellationToken cancel)
    {
        if (IPAddress.TryParse(host.Trim('[', ']'), out var literal))
        {
            return [literal];
        }

        try
        {
            return await Dns.GetHostAddressesAsync(host, cancel);
        }
        catch (SocketException)
        {
            throw new OutsideException($"The name {host} can't be resolved.");
        }
    }

    private static bool Contains(IPNetwork network, IPAddress address) => network.BaseAddress.AddressFamily == address.AddressFamily && network.Contains(address);
}

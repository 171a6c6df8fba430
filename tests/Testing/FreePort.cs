using System.Net;
using System.Net.Sockets;

namespace Handrail.Testing;

public static class FreePort
{
    /// <summary>A TCP port of the loopback address that nobody listened on a moment ago.</summary>
    public static int Find()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}

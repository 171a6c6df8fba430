using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;

namespace Handrail.Testing;

public static class FreePort
{
    private static readonly ConcurrentDictionary<int, bool> Given = new();

    /// <summary>
    /// A TCP port of the loopback address that nobody listened on a moment ago, and that this process was never given before: who asked first listens on theirs only seconds later, and
    /// the system has forgotten by then whom it named it to. Two consoles at one address answer each other's tests.
    /// </summary>
    public static int Find()
    {
        while (true)
        {
            using var listener = new TcpListener(IPAddress.Loopback, 0);
            listener.Start();
            var port = ((IPEndPoint)listener.LocalEndpoint).Port;
            if (Given.TryAdd(port, true))
            {
                return port;
            }
        }
    }
}

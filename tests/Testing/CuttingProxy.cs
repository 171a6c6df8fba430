using System.Net.Sockets;

namespace Handrail.Testing;

/// <summary>Stands between the console and PostgreSQL, and can cut a connection where it hurts most: the commit is done, and its answer never arrives.</summary>
/// <param name="connectionString">Of a database that is reached by a socket in the file system.</param>
public sealed class CuttingProxy(string connectionString) : PostgresProxy(connectionString)
{
    private int _armed;

    /// <summary>Commits whose answer was kept back.</summary>
    public int Cuts { get; private set; }

    /// <summary>Cuts the connection of the next commit.</summary>
    public void Arm() => Volatile.Write(ref _armed, 1);

    protected override Task CarryAsync(NetworkStream console, NetworkStream server)
    {
        var cut = new StrongBox();
        return Task.WhenAny(PumpAsync(console, server, cut, fromConsole: true), PumpAsync(server, console, cut, fromConsole: false));
    }

    private async Task PumpAsync(NetworkStream from, NetworkStream to, StrongBox cut, bool fromConsole)
    {
        var buffer = new byte[64 * 1024];
        for (int read; (read = await from.ReadAsync(buffer, Over)) > 0;)
        {
            if (fromConsole && buffer.AsSpan(0, read).IndexOf("COMMIT\0"u8) >= 0 && Interlocked.Exchange(ref _armed, 0) == 1)
            {
                cut.Value = true;
            }
            else if (!fromConsole && cut.Value)
            {
                Cuts++;
                return;
            }

            await to.WriteAsync(buffer.AsMemory(0, read), Over);
        }
    }

    private sealed class StrongBox
    {
        public volatile bool Value;
    }
}

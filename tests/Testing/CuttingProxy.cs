using System.Net;
using System.Net.Sockets;
using Npgsql;

namespace Handrail.Testing;

/// <summary>Stands between the console and PostgreSQL, and can cut a connection where it hurts most: the commit is done, and its answer never arrives.</summary>
public sealed class CuttingProxy : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _over = new();
    private readonly string _socket;
    private readonly Task _accepting;
    private int _armed;

    public CuttingProxy(string connectionString)
    {
        var given = new NpgsqlConnectionStringBuilder(connectionString);
        _socket = Path.Combine(given.Host!, ".s.PGSQL.5432");
        _listener.Start();
        (given.Host, given.Port, given.SslMode) = ("127.0.0.1", ((IPEndPoint)_listener.LocalEndpoint).Port, SslMode.Disable);
        ConnectionString = given.ConnectionString;
        _accepting = AcceptAsync();
    }

    /// <summary>Leads to the same database through here.</summary>
    public string ConnectionString { get; }

    /// <summary>Commits whose answer was kept back.</summary>
    public int Cuts { get; private set; }

    /// <summary>Cuts the connection of the next commit.</summary>
    public void Arm() => Volatile.Write(ref _armed, 1);

    public async ValueTask DisposeAsync()
    {
        await _over.CancelAsync();
        _listener.Stop();
        await _accepting;
        _over.Dispose();
    }

    private async Task AcceptAsync()
    {
        try
        {
            while (true)
            {
                _ = ServeAsync(await _listener.AcceptTcpClientAsync(_over.Token));
            }
        }
        catch (Exception e) when (e is OperationCanceledException or SocketException)
        {
            // Over.
        }
    }

    private async Task ServeAsync(TcpClient console)
    {
        using var toConsole = console;
        using var server = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            await server.ConnectAsync(new UnixDomainSocketEndPoint(_socket), _over.Token);
            await using var toServer = new NetworkStream(server);
            var cut = new StrongBox();
            await Task.WhenAny(PumpAsync(console.GetStream(), toServer, cut, fromConsole: true), PumpAsync(toServer, console.GetStream(), cut, fromConsole: false));
        }
        catch (Exception e) when (e is IOException or SocketException or OperationCanceledException)
        {
            // One of both is gone: then the other is told by the end of its connection.
        }
    }

    private async Task PumpAsync(NetworkStream from, NetworkStream to, StrongBox cut, bool fromConsole)
    {
        var buffer = new byte[64 * 1024];
        for (int read; (read = await from.ReadAsync(buffer, _over.Token)) > 0;)
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

            await to.WriteAsync(buffer.AsMemory(0, read), _over.Token);
        }
    }

    private sealed class StrongBox
    {
        public volatile bool Value;
    }
}

using System.Net;
using System.Net.Sockets;
using Npgsql;

namespace Handrail.Testing;

/// <summary>Stands between a console and a private PostgreSQL: what goes through it is the subclass's affair.</summary>
public abstract class PostgresProxy : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _over = new();
    private readonly string _socket;
    private readonly Task _accepting;

    /// <param name="connectionString">Of a database that is reached by a socket in the file system.</param>
    protected PostgresProxy(string connectionString)
    {
        var given = new NpgsqlConnectionStringBuilder(connectionString);
        _socket = Path.Combine(given.Host!, ".s.PGSQL.5432");
        _listener.Start();
        (given.Host, given.Port, given.SslMode, given.GssEncryptionMode) = ("127.0.0.1", ((IPEndPoint)_listener.LocalEndpoint).Port, SslMode.Disable, GssEncryptionMode.Disable);
        ConnectionString = given.ConnectionString;
        Over = _over.Token;
        _accepting = AcceptAsync();
    }

    /// <summary>Leads to the same database through here.</summary>
    public string ConnectionString { get; }

    /// <summary>The proxy is to end.</summary>
    protected CancellationToken Over { get; }

    public async ValueTask DisposeAsync()
    {
        await _over.CancelAsync();
        _listener.Stop();
        await _accepting;
        _over.Dispose();
        GC.SuppressFinalize(this);
    }

    /// <summary>Carries one connection's bytes both ways; when it returns, both ends are closed.</summary>
    protected abstract Task CarryAsync(NetworkStream console, NetworkStream server);

    private async Task AcceptAsync()
    {
        // The subclass is not made yet.
        await Task.Yield();
        try
        {
            while (true)
            {
                _ = ServeAsync(await _listener.AcceptTcpClientAsync(Over));
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
        console.NoDelay = true;
        using var server = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            await server.ConnectAsync(new UnixDomainSocketEndPoint(_socket), Over);
            await using var toServer = new NetworkStream(server);
            await CarryAsync(console.GetStream(), toServer);
        }
        catch (Exception e) when (e is IOException or SocketException or OperationCanceledException)
        {
            // One of both is gone: then the other is told by the end of its connection.
        }
    }
}

using System.Data.Common;
using System.Net.Sockets;

namespace Handrail.Store;

/// <summary>Tells an error of the database, which may pass, from one of ours.</summary>
public static class StorageFault
{
    /// <summary>True when the database was away, too slow, full or broke off. Whether it did what it was asked for is then not known.</summary>
    public static bool Is(Exception failure) =>
        failure is DbException or TimeoutException or SocketException or LostRaceException || (failure.InnerException is { } inner && Is(inner));
}

using System.Net;
using System.Net.Sockets;
using System.Threading.RateLimiting;

namespace Handrail.Access;

/// <summary>
/// Marks a door at which people are never told to come later: where they stop what runs. An agent key, which can do nothing there, is counted as everywhere.
/// </summary>
public sealed class NeverLimited;

/// <summary>
/// Who calls too often, by key and by address. Whoever is known is counted by the key alone: a whole fleet may share an address, and one key's flood must not
/// cost another its decisions.
/// </summary>
public sealed class CallLimits(LimitSettings settings) : IDisposable
{
    private const string TooManySignIns = "There were too many tries to sign in from your network. Wait a minute, then try again.";

    private readonly PartitionedRateLimiter<string> _calls = PerSecond<string>(settings.CallsPerSecond, burst: 2);
    private readonly PartitionedRateLimiter<string> _hub = PerSecond<string>(settings.HubMessagesPerSecond, burst: 10);
    private readonly PartitionedRateLimiter<IPAddress> _unknown = PerSecond<IPAddress>(settings.UnknownKeysPerSecond, burst: 10);
    private readonly PartitionedRateLimiter<IPAddress> _anonymous = PerSecond<IPAddress>(settings.AnonymousCallsPerSecond, burst: 2);
    private readonly PartitionedRateLimiter<IPAddress> _signIns = Of<IPAddress>(new TokenBucketRateLimiterOptions
    {
        TokenLimit = settings.SignInsPerMinute,
        TokensPerPeriod = 1,
        ReplenishmentPeriod = TimeSpan.FromMinutes(1) / settings.SignInsPerMinute,
        AutoReplenishment = false,
    });

    private readonly string _tooManyCalls = $"More than {settings.CallsPerSecond} calls a second come by this key; call again in a moment.";
    private readonly string _tooManyMessages = $"More than {settings.HubMessagesPerSecond} messages a second come over this connection; send this again in a moment.";
    private readonly string _tooManyUnknown = "Too many keys that nobody has come from this address; call again in a moment.";
    private readonly string _tooManyAnonymous = $"More than {settings.AnonymousCallsPerSecond} calls a second come from this address without a key; call again in a moment.";

    /// <summary>Counts a call of somebody who is known.</summary>
    /// <param name="id">The key's or the person's.</param>
    /// <returns>Why not now; null when it may go on. So below.</returns>
    public Refusal? Call(string id) => Count(_calls, id, _tooManyCalls);

    /// <summary>Counts a message over a hub connection.</summary>
    public Refusal? HubMessage(string connectionId) => Count(_hub, connectionId, _tooManyMessages);

    /// <summary>Counts a call of nobody in particular.</summary>
    public Refusal? Anonymous(HttpContext context) => Count(_anonymous, Network(context), _tooManyAnonymous);

    /// <summary>Whether another key may be tried from this address; counts nothing.</summary>
    public Refusal? TryKey(HttpContext context) => Look(_unknown, Network(context), _tooManyUnknown);

    /// <summary>Counts a key that turned out to be nobody's.</summary>
    public void CountUnknownKey(HttpContext context) => Count(_unknown, Network(context), _tooManyUnknown);

    /// <summary>Counts a try to sign in.</summary>
    public Refusal? SignIn(HttpContext context) => Count(_signIns, Network(context), TooManySignIns);

    /// <summary>Whether another sign-in may be tried from this address; counts nothing.</summary>
    public Refusal? TrySignIn(HttpContext context) => Look(_signIns, Network(context), TooManySignIns);

    public void Dispose()
    {
        _calls.Dispose();
        _hub.Dispose();
        _unknown.Dispose();
        _anonymous.Dispose();
        _signIns.Dispose();
    }

    /// <summary>
    /// Where a call comes from. Of IPv6 the first 64 bits: whoever has one address there has all of them. Behind a proxy it is the proxy, unless the proxy says who it is
    /// for (README, Settings).
    /// </summary>
    private static IPAddress Network(HttpContext context)
    {
        var address = context.Connection.RemoteIpAddress ?? IPAddress.None;
        if (address.AddressFamily != AddressFamily.InterNetworkV6)
        {
            return address;
        }

        if (address.IsIPv4MappedToIPv6)
        {
            return address.MapToIPv4();
        }

        Span<byte> bytes = stackalloc byte[16];
        address.TryWriteBytes(bytes, out _);
        bytes[8..].Clear();
        return new IPAddress(bytes);
    }

    /// <summary>
    /// Asks what <see cref="Count{T}"/> would say. To take nothing always succeeds while a bucket holds any part of a call, and once it has been filled anew it always holds some part of one: a
    /// whole one must be there.
    /// </summary>
    private static Refusal? Look<T>(PartitionedRateLimiter<T> limiter, T who, string detail) =>
        limiter.GetStatistics(who) is { CurrentAvailablePermits: < 1 } ? Count(limiter, who, detail) : null;

    private static Refusal? Count<T>(PartitionedRateLimiter<T> limiter, T who, string detail)
    {
        using var lease = limiter.AttemptAcquire(who);
        return lease.IsAcquired ? null : new Refusal(RefusalKind.TooMany, detail) { RetryAfter = lease.TryGetMetadata(MetadataName.RetryAfter, out var after) ? after : TimeSpan.FromSeconds(1) };
    }

    /// <param name="burst">How many seconds' worth may come at once.</param>
    private static PartitionedRateLimiter<T> PerSecond<T>(int calls, int burst)
        where T : notnull => Of<T>(new TokenBucketRateLimiterOptions
        {
            TokenLimit = checked(calls * burst),
            TokensPerPeriod = Math.Max(1, calls / 10),
            ReplenishmentPeriod = calls < 10 ? TimeSpan.FromSeconds(1) / calls : TimeSpan.FromMilliseconds(100),
            AutoReplenishment = false,
        });

    /// <summary>One bucket for each who calls, gone ten seconds after it is full again. Nothing is allocated to count a call that may go on.</summary>
    private static PartitionedRateLimiter<T> Of<T>(TokenBucketRateLimiterOptions bucket)
        where T : notnull
    {
        Func<T, RateLimiter> make = _ => new TokenBucketRateLimiter(bucket);
        return PartitionedRateLimiter.Create<T, T>(who => RateLimitPartition.Get(who, make));
    }
}

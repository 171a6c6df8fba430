using System.Text.Json;
using Handrail.Client.Wire;
using Microsoft.Extensions.Logging;

namespace Handrail.Client.Offline;

/// <summary>What a policy that was told is worth.</summary>
internal enum PolicyWorth
{
    /// <summary>It rules.</summary>
    Taken,

    /// <summary>Nobody vouches for it: it loosens nothing.</summary>
    Refused,

    /// <summary>The console's own, and earlier than one that was seen.</summary>
    Earlier,
}

/// <summary>What outlives the process of what the client knows of the console's signatures.</summary>
/// <param name="Latest">The latest version that a signature vouched for; null before the first. From then on nothing passes without one.</param>
/// <param name="Keys">The console's keys as they were last listed.</param>
internal sealed record KnownOfPolicies(string? Latest, IReadOnlyList<PublishedKey> Keys);

/// <summary>Tells the console's policies from all others: by its signature, once it signs; never an earlier version again, unless the console signs that it took the later one's place.</summary>
internal sealed class PolicyTrust(ConsoleConnection connection, HandrailClientOptions options)
{
    /// <summary>A signature may name a key that is newer than the list; the list is asked for again at most this often.</summary>
    private static readonly TimeSpan SoonestAgain = TimeSpan.FromSeconds(5);

    /// <summary>How long the list is gone by: a key that is distrusted is listed no more, and a new one signs only after as long.</summary>
    private static readonly TimeSpan KeepKeys = TimeSpan.FromMinutes(5);

    private readonly Lock _lock = new();
    private KnownOfPolicies _known = new(null, []);
    private long? _askedForKeys;
    private long? _listedAt;

    public KnownOfPolicies Known
    {
        get
        {
            lock (_lock)
            {
                return _known;
            }
        }

        set
        {
            lock (_lock)
            {
                _known = value;
            }
        }
    }

    /// <summary>For what was heard or kept: by the keys that are known already.</summary>
    public bool Takes(PolicyReading reading) => Judge(reading, null) is PolicyWorth.Taken;

    /// <summary>For what was asked for; a key that is not known is looked for at the console.</summary>
    /// <param name="reading">What was answered.</param>
    /// <param name="nonce">What was made up for the question, where it was asked whether an earlier version took a later one's place.</param>
    /// <param name="cancellationToken">Gives up looking for keys.</param>
    public async Task<PolicyWorth> JudgeAsync(PolicyReading reading, string? nonce, CancellationToken cancellationToken)
    {
        if (reading.Signature is { } signature && SignedToken.Read(signature, PolicyReading.TokenType) is { } token && MayListSomethingElse(token.Kid))
        {
            await ListKeysAsync(cancellationToken).ConfigureAwait(false);
        }

        var worth = Judge(reading, nonce);
        if (worth is PolicyWorth.Refused)
        {
            options.Logger.LogWarning("The policy {Version} that was told for {Agent} bears no signature of the console that fits; it is not gone by", reading.Policy.Version, options.Agent);
        }

        return worth;
    }

    /// <summary>Notes what is taken as the latest that was seen.</summary>
    private PolicyWorth Judge(PolicyReading reading, string? nonce)
    {
        lock (_lock)
        {
            var worth = Judge(reading, nonce, _known);
            if (worth is PolicyWorth.Taken && reading.Signature is not null)
            {
                _known = _known with { Latest = reading.Policy.Version };
            }

            return worth;
        }
    }

    private PolicyWorth Judge(PolicyReading reading, string? nonce, KnownOfPolicies known)
    {
        if (reading.Signature is not { } signature)
        {
            return options.RequireSignedPolicy || known.Latest is not null ? PolicyWorth.Refused : PolicyWorth.Taken;
        }

        if (SignedToken.Read(signature, PolicyReading.TokenType) is not { } token || known.Keys.FirstOrDefault(key => key.Kid == token.Kid) is not { } key
            || !token.IsSignedBy(key) || !PolicyReading.IsVersion(reading.Policy.Version) || !reading.IsWhatWasSigned(token.Claims))
        {
            return PolicyWorth.Refused;
        }

        var takesPlace = nonce is not null && SignedToken.Text(token.Claims, "nonce") == nonce && SignedToken.Text(token.Claims, "replaces") == known.Latest;
        return known.Latest is { } latest && PolicyReading.IsEarlier(reading.Policy.Version, latest) && !takesPlace ? PolicyWorth.Earlier : PolicyWorth.Taken;
    }

    private bool MayListSomethingElse(string kid)
    {
        lock (_lock)
        {
            var isOld = _listedAt is not { } listed || connection.Clock.GetElapsedTime(listed) >= KeepKeys;
            return (isOld || _known.Keys.All(key => key.Kid != kid)) && (_askedForKeys is not { } asked || connection.Clock.GetElapsedTime(asked) >= SoonestAgain);
        }
    }

    /// <summary>Where no list comes back, the one that is known stays, and the next policy asks anew.</summary>
    private async Task ListKeysAsync(CancellationToken cancellationToken)
    {
        var answer = await connection.TryAsync(ConsoleRequest.Get(PublishedKey.Path, ConsoleConnection.CallTimeout), _ => { }, cancellationToken).ConfigureAwait(false);
        if (answer is not { Succeeded: true } || Read(answer.Body) is not { } listed)
        {
            return;
        }

        lock (_lock)
        {
            _askedForKeys = _listedAt = connection.Clock.GetTimestamp();
            _known = _known with { Keys = listed };
        }
    }

    private static IReadOnlyList<PublishedKey>? Read(ReadOnlyMemory<byte> body)
    {
        try
        {
            using var list = JsonDocument.Parse(body);
            return PublishedKey.Read(list.RootElement);
        }
        catch (JsonException)
        {
            return null;
        }
    }
}

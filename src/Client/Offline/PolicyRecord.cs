using Handrail.Client.Wire;
using Microsoft.Extensions.Logging;

namespace Handrail.Client.Offline;

/// <summary>Keeps what is held of the policy where <see cref="HandrailClientOptions.PolicyFile"/> says, and takes it up again; does nothing where it says nothing.</summary>
internal sealed class PolicyRecord(ConsoleConnection connection, HandrailClientOptions options, PolicyTrust trust, Func<HeldPolicy?> held)
{
    /// <summary>How far what is kept may lag behind the last confirmation: by so much older it looks to the next process.</summary>
    private static readonly TimeSpan Lag = TimeSpan.FromMinutes(1);

    private readonly PolicyFile? _file = options.PolicyFile is { } path ? new PolicyFile(path, options, connection.Root) : null;
    private readonly Lock _writing = new();
    private (KeptPolicy Kept, PolicyReading Read)? _last;

    /// <summary>What an earlier process left; null where there is nothing, or nothing that the console vouched for.</summary>
    public HeldPolicy? Take()
    {
        if (_file?.Read() is not { } kept)
        {
            return null;
        }

        trust.Known = new KnownOfPolicies(kept.Latest, [.. (kept.Keys ?? []).OfType<PublishedKey>()]);
        if (PolicyReading.Of(kept.Policy, options.Agent) is not { } read)
        {
            return null;
        }

        if (!trust.Takes(read))
        {
            options.Logger.LogWarning("The policy {Version} that an earlier process left bears no signature of the console that fits; it is not gone by", read.Policy.Version);
            return null;
        }

        // By the date alone: no running time outlives the process. What was confirmed tomorrow was not confirmed.
        var now = Moment.Now(connection.Clock);
        return new HeldPolicy(read, kept.Tag)
        {
            Confirmed = kept.Confirmed <= now.Date ? now with { Date = kept.Confirmed.Value } : null,
            ConsoleClock = kept.ConsoleClock,
            RulesAlone = kept.RulesAlone,
            IsLeftBehind = true,
        };
    }

    /// <summary>Keeps what is held now, where it differs from what stands there in more than a moment.</summary>
    public void Write()
    {
        if (_file is null)
        {
            return;
        }

        lock (_writing)
        {
            if (held() is not { } policy)
            {
                return;
            }

            var known = trust.Known;
            var (last, now) = (_last?.Kept, connection.Clock.GetUtcNow());
            var kept = new KeptPolicy(
                new PolicyAnswer(policy.Policy.Agent, policy.Policy.Version, [.. policy.Policy.Layers.Select(layer => new LayerAnswer(layer.Scope, layer.Version, layer.Policy))], policy.Read.Signature),
                policy.Tag, known.Latest, known.Keys, policy.Confirmed is { } confirmed ? now - confirmed.Age(connection.Clock) : null, policy.ConsoleClock,

                // What was only heard is read before the next process decides by anything.
                policy.RulesAlone && policy.Besides.Count == 0);
            if (last is not null && ReferenceEquals(_last!.Value.Read, policy.Read) && last.RulesAlone == kept.RulesAlone && last.Latest == kept.Latest && ReferenceEquals(last.Keys, kept.Keys)
                && last.Confirmed is not null == kept.Confirmed is not null && !(kept.Confirmed - last.Confirmed >= Lag))
            {
                return;
            }

            _file.Write(kept);
            _last = (kept, policy.Read);
        }
    }
}

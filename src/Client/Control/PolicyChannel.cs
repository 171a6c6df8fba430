using System.Text.Json;
using Handrail.Client.Live;
using Handrail.Client.Offline;
using Handrail.Client.Wire;
using Microsoft.Extensions.Logging;

namespace Handrail.Client.Control;

/// <summary>The agent's policy as it was last read, kept up to date by a call that the console holds until there is a newer one.</summary>
internal sealed class PolicyChannel : IAsyncDisposable
{
    private static readonly TimeSpan ShortestWait = TimeSpan.FromSeconds(1);

    /// <summary>How often it has the console confirm the policy while the hub would tell of a new one.</summary>
    private static readonly TimeSpan OwnLook = TimeSpan.FromSeconds(30);

    /// <summary>A fleet that hears of a publish at once reads it within this time: until then what was heard tightens, and loosens nothing.</summary>
    private static readonly TimeSpan Spread = TimeSpan.FromSeconds(1);

    /// <summary>Layers that were heard and not read yet; with more nothing is decided until the policy was read.</summary>
    private const int MostBesides = 16;

    private readonly ConsoleConnection _connection;
    private readonly HandrailClientOptions _options;
    private readonly Action<AgentPolicy> _changed;
    private readonly PolicyTrust _trust;
    private readonly PolicyQuestions _questions;
    private readonly PolicyRecord _record;
    private readonly Doubts _doubts;
    private readonly CancellationTokenSource _closing = new();
    private readonly Lock _lock = new();
    private HeldPolicy? _held;
    private HubLine? _line;
    private Bell? _bell;
    private Task? _following;

    public PolicyChannel(ConsoleConnection connection, HandrailClientOptions options, Action<string?> tighten, Action<AgentPolicy> changed)
    {
        (_connection, _options, _changed) = (connection, options, changed);
        _trust = new PolicyTrust(connection, options);
        _questions = new PolicyQuestions(connection, options, _trust, heard => tighten(heard.Control));
        _record = new PolicyRecord(connection, options, _trust, () => Held);
        _doubts = new Doubts(connection.Clock);
        _held = _record.Take();
    }

    public AgentPolicy? Current => Held?.Policy;

    public HeldPolicy? Held
    {
        get
        {
            lock (_lock)
            {
                return _held;
            }
        }
    }

    public async Task<AgentPolicy> ReadAsync(CancellationToken cancellationToken)
    {
        var held = Held;
        var sent = Moment.Now(_connection.Clock);
        var answer = await _questions.SendAsync(_questions.About(held?.Tag, null), cancellationToken).ConfigureAwait(false);
        if (answer.Status is 304 && held is not null)
        {
            Confirm(held, answer, sent);
            return held.Policy;
        }

        if (!answer.Succeeded)
        {
            throw answer.Refused("The console did not tell the policy");
        }

        return await TakeAsync(held, answer, sent, cancellationToken).ConfigureAwait(false) ?? throw answer.Refused("The console's policy could not be read, or bears no signature that fits");
    }

    /// <summary>Takes over what the hub told: what it tightens holds from now on, what it loosens once it was asked for.</summary>
    /// <returns>Its version; null when it can't be read, nobody vouches for it or it is older than what is held, as something told late is.</returns>
    public string? Heard(JsonElement told)
    {
        PolicyReading? read;
        try
        {
            read = PolicyReading.Of(told.Deserialize(WireJson.Default.PolicyAnswer), _options.Agent);
        }
        catch (JsonException)
        {
            return null;
        }

        if (read is null)
        {
            return null;
        }

        var policy = read.Policy;
        lock (_lock)
        {
            if (_held?.Policy.Version == policy.Version)
            {
                return policy.Version;
            }

            if (_held is { } held && PolicyReading.IsEarlier(policy.Version, held.Policy.Version))
            {
                return null;
            }

            _bell?.Ring();
            var before = _held;
            var takes = _trust.Takes(read);
            if (before is null && !takes)
            {
                return null;
            }

            // Whether anything beyond it rules, and until when it is known to be in force, only an answer to a question says.
            var heard = takes
                ? new HeldPolicy(read, null, before is null ? [] : [.. before.Policy.Layers, .. before.Besides])
                : new HeldPolicy(before!.Read, before.Tag, [.. policy.Layers, .. before.Besides]);
            _held = heard with { Confirmed = before?.Confirmed, ConsoleClock = before?.ConsoleClock, RulesAlone = before is { RulesAlone: true, Besides.Count: < MostBesides } };
            if (!takes)
            {
                return null;
            }
        }

        _record.Write();
        _changed(policy);
        return policy.Version;
    }

    /// <summary>More than the policy rules by now: until the console has been asked anew, it decides nothing by itself.</summary>
    public void Doubt()
    {
        lock (_lock)
        {
            _doubts.Raise();
            _held = _held is { } held ? held with { RulesAlone = false } : null;
            _bell?.Ring();
        }

        _record.Write();
    }

    /// <summary>What any answer says is the version in force: where it is later than what is held, that decides nothing by itself until it was read.</summary>
    public void Told(string? version)
    {
        if (version is not null && Held is { } held && PolicyReading.IsEarlier(held.Policy.Version, version) && _doubts.IsNew(version))
        {
            Doubt();
        }
    }

    /// <summary>Begins to follow, once: by the hub as long as it tells, else by a call that the console holds.</summary>
    public void Follow(HubLine line)
    {
        lock (_lock)
        {
            _line ??= line;
            _bell ??= line.Listen(HubLine.Policy);
            _following ??= Task.Run(() => FollowAsync(_closing.Token), CancellationToken.None);
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _closing.CancelAsync().ConfigureAwait(false);
        Task? following;
        lock (_lock)
        {
            following = _following ??= Task.CompletedTask;
        }

        await following.ConfigureAwait(false);
        _closing.Dispose();
    }

    private async Task FollowAsync(CancellationToken cancellationToken)
    {
        var failures = 0;
        while (!cancellationToken.IsCancellationRequested)
        {
            try
            {
                failures = await WaitForNewsAsync(cancellationToken).ConfigureAwait(false) ? 0 : failures + 1;
            }
            catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
            {
                return;
            }
#pragma warning disable CA1031 // A handler's failure must not end the following.
            catch (Exception problem)
#pragma warning restore CA1031
            {
                failures++;
                _options.Logger.LogError(problem, "Following the policy failed; trying again");
            }

            if (failures > 0)
            {
                await _connection.PauseAsync(failures - 1, null, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
    }

    private async Task<bool> WaitForNewsAsync(CancellationToken cancellationToken)
    {
        var live = _line!.IsLive && Held is not null;
        var began = _connection.Clock.GetTimestamp();
        if (live)
        {
            await _bell!.WaitAsync(OwnLook, _connection.Clock, cancellationToken).ConfigureAwait(false);
            await Task.Delay(Spread * _options.Jitter(), _connection.Clock, cancellationToken).ConfigureAwait(false);
        }

        var (held, hold) = (Held, !live && !_doubts.Stand);
        var sent = Moment.Now(_connection.Clock);
        var answer = await _questions.TryAsync(_questions.About(held?.Tag, hold ? _connection.LongPollSeconds : 0), cancellationToken).ConfigureAwait(false);
        if (answer is { Status: 304 } && held is not null)
        {
            Confirm(held, answer, sent);
            return live || !hold || _connection.Clock.GetElapsedTime(began) >= ShortestWait;
        }

        if (answer is not { Succeeded: true })
        {
            return false;
        }

        // Without a tag there is nothing to wait on, and asking is paced like a failure.
        return await TakeAsync(held, answer, sent, cancellationToken).ConfigureAwait(false) is not null && answer.ETag is not null && answer.ETag != held?.Tag;
    }

    /// <summary>The console says that what is held is in force; if something newer was heard meanwhile, it said so of the older one.</summary>
    private void Confirm(HeldPolicy held, ConsoleAnswer answer, Moment sent)
    {
        lock (_lock)
        {
            if (_held == held)
            {
                _held = Confirmed(held, answer, sent);
            }
        }

        _record.Write();
    }

    /// <summary>
    /// Takes over what was read, unless something newer was heard while it was on its way. What was held when it was asked for may well be newer: of a console
    /// that was restored.
    /// </summary>
    /// <returns>What is held now; null when what was read can't be, or nobody vouches for it: then what is held goes on, and grows old.</returns>
    private async Task<AgentPolicy?> TakeAsync(HeldPolicy? asked, ConsoleAnswer answer, Moment sent, CancellationToken cancellationToken)
    {
        if (await _questions.TakeAsync(answer, sent, cancellationToken).ConfigureAwait(false) is not { } taken)
        {
            return null;
        }

        bool isNew;
        AgentPolicy policy;
        lock (_lock)
        {
            if (_held is { } meanwhile && meanwhile != asked && PolicyReading.IsEarlier(taken.Read.Policy.Version, meanwhile.Policy.Version))
            {
                return meanwhile.Policy;
            }

            isNew = _held?.Policy.Version != taken.Read.Policy.Version;

            // What was heard and read again is one object to whoever compares them.
            var kept = new HeldPolicy(isNew || taken.Read.Signature != _held!.Read.Signature ? taken.Read : _held.Read, taken.Answer.ETag);
            _held = Confirmed(kept, taken.Answer, taken.Sent);
            policy = kept.Policy;
        }

        _record.Write();
        if (isNew)
        {
            _changed(policy);
        }

        return policy;
    }

    /// <summary>A call may have been held: the console's clock in its answer is later than the moment at which it was sent.</summary>
    private HeldPolicy Confirmed(HeldPolicy held, ConsoleAnswer answer, Moment sent) => held with
    {
        Confirmed = sent,
        ConsoleClock = answer.Date - sent.Age(_connection.Clock),
        RulesAlone = _doubts.Settles(sent) && answer.PolicyRulesAlone,
        IsLeftBehind = false,
    };
}

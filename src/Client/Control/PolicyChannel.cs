using System.Text.Json;
using Handrail.Client.Live;
using Handrail.Client.Offline;
using Handrail.Client.Wire;
using Microsoft.Extensions.Logging;

namespace Handrail.Client.Control;

/// <summary>The agent's policy as it was last read, kept up to date by a call that the console holds until there is a newer one.</summary>
internal sealed class PolicyChannel(
    ConsoleConnection connection, HandrailClientOptions options, Action<string?> tighten, Action<AgentPolicy> changed) : IAsyncDisposable
{
    private static readonly TimeSpan ShortestWait = TimeSpan.FromSeconds(1);

    /// <summary>How often it has the console confirm the policy while the hub would tell of a new one.</summary>
    private static readonly TimeSpan OwnLook = TimeSpan.FromSeconds(30);

    private readonly string _path = $"/api/v1/agents/{Uri.EscapeDataString(options.Agent)}/policy";
    private readonly CancellationTokenSource _closing = new();
    private readonly Lock _lock = new();
    private HeldPolicy? _held;
    private HubLine? _line;
    private Bell? _bell;
    private Moment? _doubted;
    private Task? _following;

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
        var sent = Moment.Now(connection.Clock);
        var request = ConsoleRequest.Get(_path, ConsoleConnection.CallTimeout) with { IfNoneMatch = held?.Tag };
        var answer = await connection.SendAsync(request, heard => tighten(heard.Control), cancellationToken).ConfigureAwait(false);
        if (answer.Status is 304 && held is not null)
        {
            Confirm(held, answer, sent);
            return held.Policy;
        }

        if (!answer.Succeeded)
        {
            throw answer.Refused("The console did not tell the policy");
        }

        var policy = Read(answer) ?? throw answer.Refused("The console's policy could not be read");
        return Keep(held, policy, answer, sent);
    }

    /// <summary>Takes over what the hub told.</summary>
    /// <returns>Its version; null when it can't be read or is older than what is held, as something told late is.</returns>
    public string? Heard(JsonElement told)
    {
        PolicyAnswer? said;
        try
        {
            said = told.Deserialize(WireJson.Default.PolicyAnswer);
        }
        catch (JsonException)
        {
            return null;
        }

        if (Read(said) is not { } policy)
        {
            return null;
        }

        bool isNew;
        lock (_lock)
        {
            isNew = _held?.Policy.Version != policy.Version;
            if (isNew)
            {
                if (_held is { } held && !IsLater(policy.Version, held.Policy.Version))
                {
                    return null;
                }

                // Whether anything beyond it rules, and until when it is known to be in force, only an answer to a question says.
                _held = new HeldPolicy(policy, null) { Confirmed = _held?.Confirmed, ConsoleClock = _held?.ConsoleClock, RulesAlone = _held?.RulesAlone ?? false };
            }
        }

        if (isNew)
        {
            changed(policy);
        }

        return policy.Version;
    }

    /// <summary>More than the policy rules by now: until the console has been asked anew, it decides nothing by itself.</summary>
    public void Doubt()
    {
        lock (_lock)
        {
            _doubted = Moment.Now(connection.Clock);
            _held = _held is { } held ? held with { RulesAlone = false } : null;
            _bell?.Ring();
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
                options.Logger.LogError(problem, "Following the policy failed; trying again");
            }

            if (failures > 0)
            {
                await connection.PauseAsync(failures - 1, null, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
    }

    private async Task<bool> WaitForNewsAsync(CancellationToken cancellationToken)
    {
        var live = _line!.IsLive && Held is not null;
        var began = connection.Clock.GetTimestamp();
        if (live)
        {
            await _bell!.WaitAsync(OwnLook, connection.Clock, cancellationToken).ConfigureAwait(false);
        }

        var held = Held;
        var request = held?.Tag is { } tag
            ? ConsoleRequest.Get($"{_path}?wait={(live ? 0 : connection.LongPollSeconds)}", connection.LongPollTimeout) with { IfNoneMatch = tag }
            : ConsoleRequest.Get(_path, ConsoleConnection.CallTimeout);
        var sent = Moment.Now(connection.Clock);
        var answer = await connection.TryAsync(request, heard => tighten(heard.Control), cancellationToken).ConfigureAwait(false);
        if (answer is { Status: 304 } && held is not null)
        {
            Confirm(held, answer, sent);
            return live || connection.Clock.GetElapsedTime(began) >= ShortestWait;
        }

        if (answer is not { Succeeded: true } || Read(answer) is not { } policy)
        {
            return false;
        }

        // Without a tag there is nothing to wait on, and asking is paced like a failure.
        Keep(held, policy, answer, sent);
        return answer.ETag is not null && answer.ETag != held?.Tag;
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
    }

    /// <summary>
    /// Takes over what was read, unless something newer was heard while it was on its way. What was held when it was asked for may well be newer: of a console
    /// that was restored.
    /// </summary>
    /// <returns>What is held now.</returns>
    private AgentPolicy Keep(HeldPolicy? asked, AgentPolicy policy, ConsoleAnswer answer, Moment sent)
    {
        bool isNew;
        lock (_lock)
        {
            if (_held is { } meanwhile && meanwhile != asked && !IsLater(policy.Version, meanwhile.Policy.Version))
            {
                return meanwhile.Policy;
            }

            isNew = _held?.Policy.Version != policy.Version;
            var kept = isNew ? new HeldPolicy(policy, answer.ETag) : _held! with { Tag = answer.ETag };
            _held = Confirmed(kept, answer, sent);
            policy = kept.Policy;
        }

        if (isNew)
        {
            changed(policy);
        }

        return policy;
    }

    /// <summary>A call may have been held: the console's clock in its answer is later than the moment at which it was sent.</summary>
    private HeldPolicy Confirmed(HeldPolicy held, ConsoleAnswer answer, Moment sent) =>
        held with { Confirmed = sent, ConsoleClock = answer.Date - sent.Age(connection.Clock), RulesAlone = answer.PolicyRulesAlone && IsSinceDoubt(sent) };

    /// <summary>A call that was sent before says nothing of what was ordered since, however long it was held.</summary>
    private bool IsSinceDoubt(Moment sent) => _doubted is not { } doubted || sent.Age(connection.Clock) < doubted.Age(connection.Clock);

    private AgentPolicy? Read(ConsoleAnswer answer) => Read(answer.Read(WireJson.Default.PolicyAnswer));

    private AgentPolicy? Read(PolicyAnswer? answer)
    {
        if (answer is not { Version: { } version, Layers: { } layers } said || said.Agent != options.Agent)
        {
            return null;
        }

        var read = new List<AgentPolicyLayer>();
        foreach (var layer in layers)
        {
            if (layer is not { Scope: { } scope, Version: { } number, Policy: { ValueKind: JsonValueKind.Object } policy })
            {
                return null;
            }

            read.Add(new AgentPolicyLayer(scope, number, policy));
        }

        return new AgentPolicy(said.Agent, version, read);
    }

    /// <summary>Versions only grow, each layer's by itself: <c>3.17</c>.</summary>
    private static bool IsLater(string version, string than)
    {
        var (one, other) = (Parts(version), Parts(than));
        return one is null || other is null || (one.Value.Fleet >= other.Value.Fleet && one.Value.Agent >= other.Value.Agent);

        static (long Fleet, long Agent)? Parts(string text) =>
            text.Split('.') is [var fleet, var agent]
            && long.TryParse(fleet, System.Globalization.NumberStyles.None, System.Globalization.CultureInfo.InvariantCulture, out var first)
            && long.TryParse(agent, System.Globalization.NumberStyles.None, System.Globalization.CultureInfo.InvariantCulture, out var second) ? (first, second) : null;
    }
}

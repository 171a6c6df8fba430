using Handrail.Client.Wire;
using Microsoft.Extensions.Logging;

namespace Handrail.Client.Control;

/// <summary>The agent's policy as it was last read, kept up to date by a call that the console holds until there is a newer one.</summary>
internal sealed class PolicyChannel(
    ConsoleConnection connection, HandrailClientOptions options, Action<string?> tighten, Action<AgentPolicy> changed) : IAsyncDisposable
{
    private static readonly TimeSpan ShortestWait = TimeSpan.FromSeconds(1);

    private readonly string _path = $"/api/v1/agents/{Uri.EscapeDataString(options.Agent)}/policy";
    private readonly CancellationTokenSource _closing = new();
    private readonly Lock _lock = new();
    private (AgentPolicy Policy, string? Tag)? _held;
    private Task? _following;

    public AgentPolicy? Current => Held?.Policy;

    private (AgentPolicy Policy, string? Tag)? Held
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
        var request = ConsoleRequest.Get(_path, ConsoleConnection.CallTimeout) with { IfNoneMatch = held?.Tag };
        var answer = await connection.SendAsync(request, heard => tighten(heard.Control), cancellationToken).ConfigureAwait(false);
        if (answer.Status is 304 && held is { } known)
        {
            return known.Policy;
        }

        if (!answer.Succeeded)
        {
            throw answer.Refused("The console did not tell the policy");
        }

        var policy = Read(answer) ?? throw answer.Refused("The console's policy could not be read");
        Keep(policy, answer.ETag);
        return policy;
    }

    /// <summary>Begins to follow, once.</summary>
    public void Follow()
    {
        lock (_lock)
        {
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
        var held = Held;
        var request = held?.Tag is { } tag
            ? ConsoleRequest.Get($"{_path}?wait={connection.LongPollSeconds}", connection.LongPollTimeout) with { IfNoneMatch = tag }
            : ConsoleRequest.Get(_path, ConsoleConnection.CallTimeout);
        var sent = connection.Clock.GetTimestamp();
        var answer = await connection.TryAsync(request, heard => tighten(heard.Control), cancellationToken).ConfigureAwait(false);
        if (answer is { Status: 304 })
        {
            return connection.Clock.GetElapsedTime(sent) >= ShortestWait;
        }

        if (answer is not { Succeeded: true } || Read(answer) is not { } policy)
        {
            return false;
        }

        // Without a tag there is nothing to wait on, and asking is paced like a failure.
        Keep(policy, answer.ETag);
        return answer.ETag is not null && answer.ETag != held?.Tag;
    }

    private void Keep(AgentPolicy policy, string? tag)
    {
        bool isNew;
        lock (_lock)
        {
            isNew = _held?.Policy.Version != policy.Version;
            _held = (policy, tag);
        }

        if (isNew)
        {
            changed(policy);
        }
    }

    private AgentPolicy? Read(ConsoleAnswer answer)
    {
        if (answer.Read(WireJson.Default.PolicyAnswer) is not { Version: { } version, Layers: { } layers } said || said.Agent != options.Agent)
        {
            return null;
        }

        var read = new List<AgentPolicyLayer>();
        foreach (var layer in layers)
        {
            if (layer is not { Scope: { } scope, Version: { } number, Policy: { ValueKind: System.Text.Json.JsonValueKind.Object } policy })
            {
                return null;
            }

            read.Add(new AgentPolicyLayer(scope, number, policy));
        }

        return new AgentPolicy(said.Agent, version, read);
    }
}

using System.Buffers.Text;
using System.Security.Cryptography;
using Handrail.Client.Offline;
using Handrail.Client.Wire;

namespace Handrail.Client.Control;

/// <summary>A policy that rules, the answer that told it and when that was asked for.</summary>
internal sealed record TakenPolicy(PolicyReading Read, ConsoleAnswer Answer, Moment Sent);

/// <summary>Asks the console for the agent's policy, and takes only what the console itself says.</summary>
internal sealed class PolicyQuestions(ConsoleConnection connection, HandrailClientOptions options, PolicyTrust trust, Action<ConsoleAnswer> observe)
{
    private readonly string _path = $"/api/v1/agents/{Uri.EscapeDataString(options.Agent)}/policy";

    /// <param name="tag">What is held; null asks for the whole policy.</param>
    /// <param name="wait">For how many seconds the console is asked to hold the call until there is another; null for not at all.</param>
    public ConsoleRequest About(string? tag, int? wait) => tag is null || wait is null
        ? ConsoleRequest.Get(_path, ConsoleConnection.CallTimeout) with { IfNoneMatch = tag }
        : ConsoleRequest.Get($"{_path}?wait={wait}", connection.LongPollTimeout) with { IfNoneMatch = tag };

    /// <summary>Sends once: null when no answer came back in time.</summary>
    public Task<ConsoleAnswer?> TryAsync(ConsoleRequest question, CancellationToken cancellationToken) => connection.TryAsync(question, observe, cancellationToken);

    /// <summary>Sends until an answer comes that a repetition would not change.</summary>
    public Task<ConsoleAnswer> SendAsync(ConsoleRequest question, CancellationToken cancellationToken) => connection.SendAsync(question, observe, cancellationToken);

    /// <summary>
    /// The policy that an answer tells; null when it can't be read, or nobody vouches for it. Where it is an earlier one than was seen, the console is asked whether it took the
    /// later one's place, as it does when the console's database was restored: only the console can sign an answer to what was made up for this question.
    /// </summary>
    public async Task<TakenPolicy?> TakeAsync(ConsoleAnswer answer, Moment sent, CancellationToken cancellationToken)
    {
        string? nonce = null;
        while (PolicyReading.Of(answer.Read(WireJson.Default.PolicyAnswer), options.Agent) is { } read)
        {
            var worth = await trust.JudgeAsync(read, nonce, cancellationToken).ConfigureAwait(false);
            if (worth is PolicyWorth.Taken)
            {
                return new TakenPolicy(read, answer, sent);
            }

            if (worth is PolicyWorth.Refused || nonce is not null)
            {
                return null;
            }

            nonce = Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(24));
            sent = Moment.Now(connection.Clock);
            if (await TryAsync(About(null, null) with { PolicySeen = $"{trust.Known.Latest} {nonce}" }, cancellationToken).ConfigureAwait(false) is not { Succeeded: true } again)
            {
                return null;
            }

            answer = again;
        }

        return null;
    }
}

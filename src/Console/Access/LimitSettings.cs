namespace Handrail.Access;

/// <summary>
/// How often one may call, from the section <c>Limits</c>. The defaults are far above what an honest fleet does, and there to be met by a flood; orders to stop
/// are never counted (<see cref="NeverLimited"/>).
/// </summary>
public sealed record LimitSettings
{
    /// <summary>
    /// Calls of one agent key or one person, whatever they ask for, telemetry and hub messages too: a fleet of 1,000 agents on one key may each make 20, and it is
    /// three times what one process on two processors decides at the gate.
    /// </summary>
    public int CallsPerSecond { get; init; } = 20_000;

    /// <summary>Messages that an agent sends over one hub connection: it sends one for each agent it subscribes to and one for each policy it takes over.</summary>
    public int HubMessagesPerSecond { get; init; } = 50;

    /// <summary>Calls with a key that nobody has, from one address: each is looked for in the database.</summary>
    public int UnknownKeysPerSecond { get; init; } = 100;

    /// <summary>Calls of nobody in particular, from one address: the sign-in page and its files, what may be read without a key, circuits without a sign-in.</summary>
    public int AnonymousCallsPerSecond { get; init; } = 1_000;

    /// <summary>Tries to sign in, from one address. Behind one address there may be a whole house.</summary>
    public int SignInsPerMinute { get; init; } = 20;

    /// <exception cref="InvalidOperationException">A figure is below one: nobody could call any more.</exception>
    public LimitSettings Check()
    {
        foreach (var (name, value) in new[]
        {
            (nameof(CallsPerSecond), CallsPerSecond), (nameof(HubMessagesPerSecond), HubMessagesPerSecond), (nameof(UnknownKeysPerSecond), UnknownKeysPerSecond),
            (nameof(AnonymousCallsPerSecond), AnonymousCallsPerSecond), (nameof(SignInsPerMinute), SignInsPerMinute),
        })
        {
            if (value < 1)
            {
                throw new InvalidOperationException($"Limits:{name} is {value}; it must be at least 1.");
            }
        }

        return this;
    }
}

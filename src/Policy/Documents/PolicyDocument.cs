using System.Text.Json;

namespace Handrail.Policy;

/// <summary>
/// One policy document, the fleet's or an agent's: plain immutable data with structural equality. What is absent in the JSON
/// is null or empty here; what absence means is said at each member.
/// </summary>
public sealed record PolicyDocument
{
    /// <summary>The level of every action type that <see cref="Actions"/> doesn't name. Absent means <see cref="DefaultAutonomy"/>.</summary>
    public Autonomy? Autonomy { get; init; }

    /// <summary>Levels of single action types; the longest match wins.</summary>
    public ValueList<ActionLevel> Actions { get; init; } = [];

    /// <summary>What may let an action go, up to an amount.</summary>
    public ValueList<Limit> Limits { get; init; } = [];

    /// <summary>What may hold an action back. A rule never loosens.</summary>
    public ValueList<Rule> Rules { get; init; } = [];

    /// <summary>Figures at which a session, an agent or the fleet is halted.</summary>
    public ValueList<Breaker> Breakers { get; init; } = [];

    /// <summary>What is known of single tools.</summary>
    public ValueList<ToolEntry> Tools { get; init; } = [];

    /// <summary>Which labels of used tools block which labels of further tools.</summary>
    public ValueList<TaintRow> Taint { get; init; } = [];

    /// <summary>How people decide what comes to them.</summary>
    public ReviewSettings Review { get; init; } = new();

    /// <summary>What must never go without a person, whatever the rest of the document says.</summary>
    public ValueList<Guarantee> Guarantees { get; init; } = [];

    /// <summary>What a client answers that can't reach the console.</summary>
    public OfflineSettings Offline { get; init; } = new();

    /// <summary>After how many seconds without a sign of life a session counts as lost; null leaves it to the console.</summary>
    public int? SilenceSeconds { get; init; }

    /// <summary>IANA name of the zone in which hours, weekdays and budget periods are meant; null means UTC.</summary>
    public string? TimeZone { get; init; }

    /// <summary>The level that a document which names none stands for: every action goes to a person.</summary>
    public const Autonomy DefaultAutonomy = Handrail.Policy.Autonomy.Suggest;

    /// <summary>Reads a document from JSON text, or finds everything that is wrong with it.</summary>
    public static PolicyParse Parse(string json)
    {
        try
        {
            using var parsed = JsonDocument.Parse(json);
            return PolicyReader.Read(parsed.RootElement);
        }
        catch (JsonException wrong)
        {
            return new(null, [new("$", $"is not JSON: {wrong.Message}")]);
        }
    }

    /// <summary>Reads a document from JSON, or finds everything that is wrong with it.</summary>
    public static PolicyParse Parse(JsonElement json) => PolicyReader.Read(json);

    /// <summary>The document as JSON, in one spelling for equal documents, which parses back to an equal one.</summary>
    public string ToJson() => PolicyWriter.Write(this);

    /// <summary>The fleet's first policy: every action goes to a person, and what runs away is halted before anybody has thought of it.</summary>
    public static PolicyDocument FleetDefault { get; } = new()
    {
        Autonomy = DefaultAutonomy,
        Breakers =
        [
            new("session-turns", BreakerScope.Session, BreakerMetric.Turns, 20, BreakerOutcome.Pause),
            new("session-loop", BreakerScope.Session, BreakerMetric.RepeatedCalls, 5, BreakerOutcome.Stop),
            new("session-ping-pong", BreakerScope.Session, BreakerMetric.PingPong, 6, BreakerOutcome.Stop),
            new("session-cost", BreakerScope.Session, BreakerMetric.CostUsd, 2, BreakerOutcome.Pause),
            new("session-time", BreakerScope.Session, BreakerMetric.ElapsedSeconds, 1800, BreakerOutcome.Pause),
            new("session-context", BreakerScope.Session, BreakerMetric.ContextTokens, 150_000, BreakerOutcome.Alert),
            new("fleet-cost", BreakerScope.Fleet, BreakerMetric.CostUsd, 50, BreakerOutcome.Pause) { Window = TimeSpan.FromHours(1) },
        ],
    };

    /// <summary>
    /// Where an agent's own policy starts when a person first edits it: it holds nothing back, so that the fleet's policy alone
    /// decides. (An empty document would not do: it sends everything to people.) An agent without a policy of its own has no layer.
    /// </summary>
    public static PolicyDocument AgentDefault { get; } = new() { Autonomy = Handrail.Policy.Autonomy.Autonomous };
}

using System.Text.Json;
using System.Text.Json.Serialization;
using Handrail.Store;

namespace Handrail.Sessions;

/// <summary>A session as lists, its page and the API show it. Its members' names are the contract's.</summary>
public sealed record SessionReading
{
    public required string SessionId { get; init; }

    public required SessionState State { get; init; }

    /// <summary>What it is at, where <see cref="State"/> says no more than that it runs; null of the past.</summary>
    public SessionActivity? Activity { get; init; }

    /// <summary>What people ordered for this session alone.</summary>
    public required ControlState Control { get; init; }

    /// <summary>The agent or the fleet is paused, and the session with it.</summary>
    public bool ScopePaused { get; init; }

    /// <summary>Who holds the session while it is taken over.</summary>
    public string? TakenOverBy { get; init; }

    public required string Team { get; init; }

    /// <summary>The agent that the session belongs to.</summary>
    public required string Agent { get; init; }

    public string? AgentVersion { get; init; }

    /// <summary>Every agent that worked in it.</summary>
    public required IReadOnlyList<string> Agents { get; init; }

    /// <summary>The person on whose behalf the agent works.</summary>
    public string? User { get; init; }

    public string? Title { get; init; }

    public string? ParentSessionId { get; init; }

    public JsonElement? Metadata { get; init; }

    /// <summary>Handoffs that wait for a person.</summary>
    public int OpenHandoffs { get; init; }

    public int Turns { get; init; }

    public int Steps { get; init; }

    public int LlmCalls { get; init; }

    public int ToolCalls { get; init; }

    public int Errors { get; init; }

    public long InputTokens { get; init; }

    public long OutputTokens { get; init; }

    public long CachedTokens { get; init; }

    public decimal CostUsd => CostNanos / 1_000_000_000m;

    /// <summary>The same in billionths of a US dollar.</summary>
    [JsonIgnore]
    public long CostNanos { get; init; }

    /// <summary>Model calls whose cost is unknown: with any, the cost is a lower bound.</summary>
    public int UnpricedCalls { get; init; }

    /// <summary>Input tokens of the newest model call: how full the context is.</summary>
    public long ContextTokens { get; init; }

    /// <summary>Labels of the tools it has used, by the policies now in force.</summary>
    public required IReadOnlyList<string> Taint { get; init; }

    /// <summary>In what its telemetry and the gate disagree.</summary>
    public IReadOnlyList<Disagreement> Disagreements { get; init; } = [];

    /// <summary>Actions by which it may have gone around one that was refused.</summary>
    public int PossibleBypasses { get; init; }

    public DateTimeOffset StartedAt { get; init; }

    /// <summary>By the console's clock.</summary>
    public DateTimeOffset LastActivityAt { get; init; }

    /// <summary>When its process last gave a sign of life that brings nothing forward; null where it gives none.</summary>
    public DateTimeOffset? HeartbeatAt { get; init; }

    /// <summary>What its steps leave open; null where they do not say.</summary>
    [JsonIgnore]
    public SessionPending? Pending { get; init; }

    public DateTimeOffset? EndedAt { get; init; }

    public string? Outcome { get; init; }

    public string? Summary { get; init; }

    public SessionValue? Value { get; init; }

    public SessionUnits? Units { get; init; }

    /// <summary>Named by its trace, because no span has named a session yet.</summary>
    public bool Provisional { get; init; }

    /// <summary>Goes up with every change of control or outcome: what <c>If-Match</c> is compared with.</summary>
    public long Version { get; init; }

    internal static SessionReading Of(Session session, IReadOnlyList<string> agents, IReadOnlyList<string> taint, SessionActivity activity) => new()
    {
        SessionId = session.Id,
        State = session.State,
        Activity = activity,
        HeartbeatAt = session.HeartbeatAt,
        Pending = session.Pending,
        Control = session.Control,
        ScopePaused = session.ScopePaused,
        TakenOverBy = session.TakenOverBy,
        Team = session.Team,
        Agent = session.Agent,
        AgentVersion = session.AgentVersion,
        Agents = agents,
        User = session.User,
        Title = session.Title,
        ParentSessionId = session.ParentSessionId,
        Metadata = JsonText.Element(session.MetadataJson),
        OpenHandoffs = session.OpenHandoffs,
        Turns = session.Turns,
        Steps = session.Steps,
        LlmCalls = session.LlmCalls,
        ToolCalls = session.ToolCalls,
        Errors = session.Errors,
        InputTokens = session.InputTokens,
        OutputTokens = session.OutputTokens,
        CachedTokens = session.CachedTokens,
        CostNanos = session.CostNanos,
        UnpricedCalls = session.UnpricedCalls,
        ContextTokens = session.ContextTokens,
        Taint = taint,
        StartedAt = session.StartedAt,
        LastActivityAt = session.LastActivityAt,
        EndedAt = session.EndedAt,
        Outcome = session.Outcome,
        Summary = session.Summary,
        Value = session is { ValueAmount: { } amount, ValueCurrency: { } currency } ? new SessionValue(amount, currency) : null,
        Units = session is { UnitsName: { } name, UnitsCount: { } count } ? new SessionUnits(name, count) : null,
        Provisional = session.Provisional,
        Version = session.Version,
    };
}

/// <summary>What a session was worth, as its agent says.</summary>
public sealed record SessionValue(decimal Amount, string Currency);

/// <summary>What a session brought about, such as one article.</summary>
public sealed record SessionUnits(string Name, decimal Count);

using System.Text.Json;

namespace Handrail.Policy;

/// <summary>
/// What an agent asks leave to do: the members that policies speak of. Everything in it is the agent's word and hostile until compared.
/// </summary>
/// <param name="ActionId">The agent's id of it, unique within its session; decides the review sample.</param>
/// <param name="Agent">The agent that asks.</param>
/// <param name="Type">The action type, such as <c>expense.approve</c>.</param>
public sealed record ActionRequest(string ActionId, string Agent, string Type)
{
    /// <summary>The agent's version.</summary>
    public string? AgentVersion { get; init; }

    /// <summary>The person on whose behalf it acts.</summary>
    public string? User { get; init; }

    /// <summary>The tool that will carry it out.</summary>
    public string? Tool { get; init; }

    /// <summary>The amount, in <see cref="Currency"/>.</summary>
    public decimal? Amount { get; init; }

    /// <summary>ISO 4217 letters of the amount.</summary>
    public string? Currency { get; init; }

    /// <summary>Who is paid or dealt with.</summary>
    public string? Vendor { get; init; }

    /// <summary>The kind of thing it is.</summary>
    public string? Category { get; init; }

    /// <summary>How sure the agent says it is, from 0 to 1.</summary>
    public decimal? Confidence { get; init; }

    /// <summary>Why the agent says it should be done.</summary>
    public string? Reasoning { get; init; }

    /// <summary>How many sources it cites. None given are none.</summary>
    public int CitationCount { get; init; }

    /// <summary>How many of its own checks it reports as failed. None given are none.</summary>
    public int FailedChecks { get; init; }

    /// <summary>The risk that the agent states; a tool's entry in a policy may raise it.</summary>
    public Risk? Risk { get; init; }

    /// <summary>The arguments of the call; an undefined or null element counts as none given.</summary>
    public JsonElement Arguments { get; init; }
}

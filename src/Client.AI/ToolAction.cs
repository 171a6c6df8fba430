using System.Globalization;
using System.Text.Json.Nodes;

namespace Handrail.Client.AI;

/// <summary>What a call of a tool means as an action: its type, and which arguments hold what policies speak of.</summary>
public sealed record ToolAction
{
    /// <summary>The action's type, as the policy names it: <c>expense.approve</c>. <c>tool.NAME</c> unless set.</summary>
    public string? Type { get; init; }

    /// <summary>How far it can be taken back.</summary>
    public ActionRisk? Risk { get; init; }

    /// <summary>The argument that holds the amount: a number, or a text that is one.</summary>
    public string? AmountFrom { get; init; }

    /// <summary>The amount's currency, where it is always the same.</summary>
    public string? Currency { get; init; }

    /// <summary>The argument that holds the amount's currency.</summary>
    public string? CurrencyFrom { get; init; }

    /// <summary>The argument that says who is paid, bought from or written to.</summary>
    public string? VendorFrom { get; init; }

    /// <summary>The argument that holds the category.</summary>
    public string? CategoryFrom { get; init; }

    /// <summary>Says more about a call than that: a summary, reasoning, confidence, citations, checks. Given the action as it would be asked, and its arguments in it.</summary>
    public Func<AgentAction, AgentAction>? Describe { get; init; }

    internal AgentAction Of(string tool, JsonObject arguments)
    {
        var action = new AgentAction
        {
            Type = Type ?? $"tool.{tool}",
            Tool = tool,
            Summary = Summary(tool, arguments),
            Amount = Number(Argument(arguments, AmountFrom)),
            Currency = Text(Argument(arguments, CurrencyFrom)) ?? Currency,
            Vendor = Text(Argument(arguments, VendorFrom)),
            Category = Text(Argument(arguments, CategoryFrom)),
            Risk = Risk,
            Arguments = arguments,
        };

        // Whatever is said about it, these are the tool and the arguments that it is called with.
        return Describe is null ? action : Describe(action) with { Tool = tool, Arguments = arguments };
    }

    private static string Summary(string tool, JsonObject arguments)
    {
        const int longest = 300;
        var text = $"{tool}({string.Join(", ", arguments.Select(argument => $"{argument.Key}: {argument.Value?.ToJsonString() ?? "null"}"))})";
        return text.Length <= longest ? text : string.Concat(text.AsSpan(0, char.IsHighSurrogate(text[longest - 2]) ? longest - 2 : longest - 1), "…");
    }

    private static JsonNode? Argument(JsonObject arguments, string? name) => name is null ? null : arguments[name];

    private static string? Text(JsonNode? value) => value is JsonValue text && text.TryGetValue<string>(out var said) && !string.IsNullOrWhiteSpace(said) ? said : null;

    // An amount that can't be read is not said: a limit on amounts then sends the action to a person.
    private static decimal? Number(JsonNode? value) => value switch
    {
        JsonValue number when number.TryGetValue<decimal>(out var amount) => amount,
        JsonValue text when text.TryGetValue<string>(out var said) && decimal.TryParse(said, NumberStyles.Number, CultureInfo.InvariantCulture, out var amount) => amount,
        _ => null,
    };
}

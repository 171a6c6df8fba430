using System.Globalization;
using System.Text.Json;
using Handrail.Policy;
using Handrail.Store;

namespace Handrail.Policies.Editing;

/// <summary>An action to try a policy on, as a person types it: made by hand, or one of the past to begin with.</summary>
public sealed class TrialAction
{
    private const string Own = "try-it";

    /// <summary>The largest amount that an agent may ask for.</summary>
    private const decimal Largest = 1_000_000_000_000m;

    private SessionFacts _facts = new(Own) { CostUsd = 0, Turns = 0, Steps = 0, ToolCalls = 0, ContextTokens = 0, AgeSeconds = 0 };
    private string _actionId = Own;
    private DateTimeOffset? _at;

    public string Agent { get; set; } = "";

    public string Type { get; set; } = "";

    public string Amount { get; set; } = "";

    public string Currency { get; set; } = "";

    public string Vendor { get; set; } = "";

    public string Category { get; set; } = "";

    public string Confidence { get; set; } = "";

    public string Tool { get; set; } = "";

    public string Risk { get; set; } = "";

    public string User { get; set; } = "";

    public string AgentVersion { get; set; } = "";

    public string Reasoning { get; set; } = "";

    /// <summary>A JSON object.</summary>
    public string Arguments { get; set; } = "";

    public string Citations { get; set; } = "";

    public string FailedChecks { get; set; } = "";

    /// <summary>Tools that the session has used before, one a line.</summary>
    public string ToolsUsed { get; set; } = "";

    public string CostUsd { get; set; } = "";

    public string Turns { get; set; } = "";

    /// <summary>The action of the past that it began with.</summary>
    public PastAction? From { get; private init; }

    /// <summary>What stands in the fields, and can't be read; by the property's name.</summary>
    public IReadOnlyDictionary<string, string> Errors { get; private set; } = new Dictionary<string, string>();

    public static TrialAction Of(PastAction past)
    {
        var (request, facts) = (past.Request, past.Facts.ToFacts(past.SessionId));
        return new TrialAction
        {
            From = past,
            _facts = facts,
            _actionId = request.ActionId,
            _at = past.Facts.At,
            Agent = request.Agent,
            Type = request.Type,
            Amount = Text(request.Amount),
            Currency = request.Currency ?? "",
            Vendor = request.Vendor ?? "",
            Category = request.Category ?? "",
            Confidence = Text(request.Confidence),
            Tool = request.Tool ?? "",
            Risk = request.Risk?.Word() ?? "",
            User = request.User ?? "",
            AgentVersion = request.AgentVersion ?? "",
            Reasoning = request.Reasoning ?? "",
            Arguments = request.Arguments.ValueKind == JsonValueKind.Object ? request.Arguments.GetRawText() : "",
            Citations = request.CitationCount == 0 ? "" : Text(request.CitationCount),
            FailedChecks = request.FailedChecks == 0 ? "" : Text(request.FailedChecks),
            ToolsUsed = string.Join('\n', facts.ToolsUsed),
            CostUsd = Text(facts.CostUsd),
            Turns = Text(facts.Turns),
        };
    }

    /// <summary>The question to the gate; null while a field can't be read, and <see cref="Errors"/> says which.</summary>
    public (ActionRequest Action, SessionFacts Facts, DateTimeOffset At)? Read(DateTimeOffset now)
    {
        var errors = new Dictionary<string, string>();
        var action = new ActionRequest(_actionId, Named(nameof(Agent), Agent), Named(nameof(Type), Type))
        {
            Amount = Number(nameof(Amount), Amount),
            Currency = Letters(Currency),
            Vendor = OrNull(Vendor),
            Category = OrNull(Category),
            Confidence = Number(nameof(Confidence), Confidence, 0, 1),
            Tool = OrNull(Tool),
            Risk = Words.TryParse<Risk>(Risk, out var risk) ? risk : null,
            User = OrNull(User),
            AgentVersion = OrNull(AgentVersion),
            Reasoning = OrNull(Reasoning),
            Arguments = Object(Arguments),
            CitationCount = (int)(Whole(nameof(Citations), Citations) ?? 0),
            FailedChecks = (int)(Whole(nameof(FailedChecks), FailedChecks) ?? 0),
        };
        var facts = _facts with
        {
            ToolsUsed = ToolsUsed.Split('\n', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries),
            CostUsd = Number(nameof(CostUsd), CostUsd, 0) ?? _facts.CostUsd,
            Turns = Whole(nameof(Turns), Turns) ?? _facts.Turns,
        };
        Errors = errors;
        return errors.Count == 0 ? (action, facts, _at ?? now) : null;

        string Named(string name, string text)
        {
            if (text.Trim().Length == 0)
            {
                errors[name] = "is needed.";
            }

            return text.Trim();
        }

        decimal? Number(string name, string text, decimal least = -Largest, decimal most = Largest)
        {
            if (text.Trim().Length == 0)
            {
                return null;
            }

            if (decimal.TryParse(text.Trim(), NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var number) && number >= least && number <= most)
            {
                return number;
            }

            errors[name] = least == -Largest ? "must be a number such as 1000.50." : string.Create(CultureInfo.InvariantCulture, $"must be a number from {least}{(most == Largest ? " on" : $" to {most}")}.");
            return null;
        }

        long? Whole(string name, string text)
        {
            if (Number(name, text, 0) is not { } number)
            {
                return null;
            }

            if (number == decimal.Truncate(number) && number <= int.MaxValue)
            {
                return (long)number;
            }

            errors[name] = "must be a whole number.";
            return null;
        }

        string? Letters(string text)
        {
            var letters = OrNull(text)?.ToUpperInvariant();
            if (letters is not null && (letters.Length != 3 || !letters.All(char.IsAsciiLetterUpper)))
            {
                errors[nameof(Currency)] = "must be three letters, such as USD.";
            }

            return letters;
        }

        JsonElement Object(string text)
        {
            try
            {
                if (OrNull(text) is not { } json)
                {
                    return default;
                }

                if (JsonText.Element(json) is { ValueKind: JsonValueKind.Object } value)
                {
                    return value;
                }
            }
            catch (JsonException)
            {
                // Said below.
            }

            errors[nameof(Arguments)] = """must be a JSON object, such as {"lines": 3}.""";
            return default;
        }
    }

    private static string? OrNull(string text) => text.Trim() is { Length: > 0 } given ? given : null;

    private static string Text(decimal? number) => number?.ToString("0.############################", CultureInfo.InvariantCulture) ?? "";
}

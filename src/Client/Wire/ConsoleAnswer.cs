using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace Handrail.Client.Wire;

/// <summary>One answer, read to its end.</summary>
internal sealed record ConsoleAnswer(int Status, ReadOnlyMemory<byte> Body, string? Control, string? ETag, TimeSpan? RetryAfter)
{
    /// <summary>The console's clock as it answered.</summary>
    public DateTimeOffset? Date { get; init; }

    /// <summary>Nothing but the policy and people's orders rules the agent.</summary>
    public bool PolicyRulesAlone { get; init; }

    /// <summary>The policy version in force, for the agent that the answer speaks of.</summary>
    public string? PolicyVersion { get; init; }

    public bool Succeeded => Status is >= 200 and < 300;

    /// <summary>A wait can help: the request may be sent again as it is.</summary>
    public bool CanBeRetried => Status is 429 or 502 or 503 or 504;

    /// <summary>Nothing was decided because the session is paused or in a person's hands.</summary>
    public bool IsHeld => Status is 409 && (RetryAfter is not null || Control is "paused" or "taken_over");

    /// <summary>The body, or null when it is not what the contract says.</summary>
    public T? Read<T>(JsonTypeInfo<T> type)
        where T : class
    {
        try
        {
            return JsonSerializer.Deserialize(Body.Span, type);
        }
        catch (JsonException)
        {
            return null;
        }
    }

    /// <summary>What the console refused, in its words as far as they can be read.</summary>
    public HandrailException Refused(string what)
    {
        var title = (string?)null;
        var errors = new Dictionary<string, IReadOnlyList<string>>(StringComparer.Ordinal);
        try
        {
            using var problem = JsonDocument.Parse(Body);
            if (problem.RootElement.ValueKind is JsonValueKind.Object)
            {
                title = Text(problem.RootElement, "detail") ?? Text(problem.RootElement, "title");
                if (problem.RootElement.TryGetProperty("errors", out var members) && members.ValueKind is JsonValueKind.Object)
                {
                    foreach (var member in members.EnumerateObject())
                    {
                        errors[member.Name] = member.Value.ValueKind is JsonValueKind.Array
                            ? [.. member.Value.EnumerateArray().Select(value => value.ToString())]
                            : [member.Value.ToString()];
                    }
                }
            }
        }
        catch (JsonException)
        {
            // Not a problem document: the status alone has to do.
        }

        return new HandrailException($"{what}: {Status} {title ?? "without a reason"}", Status, errors);
    }

    public string? Detail()
    {
        try
        {
            using var problem = JsonDocument.Parse(Body);
            return problem.RootElement.ValueKind is JsonValueKind.Object ? Text(problem.RootElement, "detail") : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private static string? Text(JsonElement problem, string member) =>
        problem.TryGetProperty(member, out var value) && value.ValueKind is JsonValueKind.String ? value.GetString() : null;
}

using System.Text.Json;
using Handrail.Store;

namespace Handrail.Breakers;

/// <summary>What a person may make of a trip.</summary>
public enum TripChoice
{
    /// <summary>It goes on, by another limit or counted anew.</summary>
    Resume,

    /// <summary>The session is the person's.</summary>
    TakeOver,

    /// <summary>It stays as it is, for good.</summary>
    Stop,
}

/// <summary>A person's decision on a trip, as the contract spells it: <c>{"choice":"resume","new_limit":4}</c>.</summary>
public sealed record TripDecision(TripChoice Choice, decimal? NewLimit)
{
    internal static readonly string OptionsJson = JsonText.Of(new[]
    {
        new { id = TripChoice.Resume.Text(), label = "Resume" }, new { id = TripChoice.TakeOver.Text(), label = "Take over" }, new { id = TripChoice.Stop.Text(), label = "Stop" },
    });

    internal static readonly string SchemaJson =
        """{"type":"object","required":["choice"],"properties":{"choice":{"enum":["resume","take_over","stop"]},"new_limit":{"type":"number","title":"New limit, to resume with"}}}""";

    /// <exception cref="Refusal">It is no such decision; says which member is wrong.</exception>
    public static TripDecision Read(JsonElement answer)
    {
        if (answer.ValueKind != JsonValueKind.Object)
        {
            throw Refusal.Invalid("answer", "must be an object with a choice.");
        }

        if (!answer.TryGetProperty("choice", out var word) || word.ValueKind != JsonValueKind.String || !EnumText<TripChoice>.TryParse(word.GetString(), out var choice))
        {
            throw Refusal.Invalid("answer.choice", "must be resume, take_over or stop.");
        }

        if (!answer.TryGetProperty("new_limit", out var member) || member.ValueKind == JsonValueKind.Null)
        {
            return new TripDecision(choice, null);
        }

        if (member.ValueKind != JsonValueKind.Number || !member.TryGetDecimal(out var limit) || limit is <= 0 or > 1_000_000_000_000m)
        {
            throw Refusal.Invalid("answer.new_limit", "must be a number above 0.");
        }

        return choice == TripChoice.Resume ? new TripDecision(choice, limit) : throw Refusal.Invalid("answer.new_limit", "is only for the choice resume.");
    }

    public JsonElement ToJson() => JsonSerializer.SerializeToElement(new { choice = Choice.Text(), new_limit = NewLimit }, JsonText.Options);
}

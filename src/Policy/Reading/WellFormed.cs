using System.Text.Json;

namespace Handrail.Policy;

/// <summary>Whether all texts of a JSON value, member names too, are Unicode: JSON can spell half a surrogate pair, .NET can't read it.</summary>
internal static class WellFormed
{
    public static bool Is(JsonElement json) => json.ValueKind switch
    {
        JsonValueKind.String => TryText(json) is not null,
        JsonValueKind.Array => json.EnumerateArray().All(Is),
        JsonValueKind.Object => json.EnumerateObject().All(member => TryName(member) is not null && Is(member.Value)),
        _ => true,
    };

    public static string? TryText(JsonElement json)
    {
        try
        {
            return json.GetString();
        }
        catch (InvalidOperationException)
        {
            return null;
        }
    }

    public static string? TryName(JsonProperty member)
    {
        try
        {
            return member.Name;
        }
        catch (InvalidOperationException)
        {
            return null;
        }
    }
}

using System.Text.Json;

namespace Handrail.ReadBack;

/// <summary>What is told compared with what asking for it gives.</summary>
internal static class Told
{
    public static void Same(JsonElement asked, JsonElement told) => Assert.True(JsonElement.DeepEquals(asked, told), $"{asked}\n{told}");

    /// <summary>A grant is given out only to who asks.</summary>
    public static void SameButGrant(JsonElement asked, JsonElement told)
    {
        static JsonElement WithoutGrant(JsonElement content) =>
            JsonSerializer.SerializeToElement(content.EnumerateObject().Where(m => m.Name != "grant").ToDictionary(m => m.Name, m => m.Value));
        Same(WithoutGrant(asked), WithoutGrant(told));
    }
}

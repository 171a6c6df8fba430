using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Components;

namespace Handrail.Policies.Editing;

/// <summary>The draft that fields write to, and whom they tell; handed down to every field of the page.</summary>
/// <param name="History">The figures of the past that an entry's threshold is about; null while they are not known.</param>
public sealed record EditingScope(DraftDocument Form, EventCallback Changed, Func<string, JsonObject, ThresholdHistory?> History)
{
    /// <summary>Says that the draft's tree was changed by hand.</summary>
    public Task ChangedAsync()
    {
        Form.Changed();
        return Changed.InvokeAsync();
    }

    public Task SetAsync(JsonObject owner, string name, JsonNode? value)
    {
        Form.Set(owner, name, value);
        return Changed.InvokeAsync();
    }
}

using Microsoft.AspNetCore.Components;

namespace Handrail.Policies.Editing;

/// <summary>The draft that fields write to, and whom they tell; handed down to every field of the page.</summary>
public sealed record EditingScope(DraftDocument Form, EventCallback Changed)
{
    /// <summary>Says that the draft's tree was changed by hand.</summary>
    public Task ChangedAsync()
    {
        Form.Changed();
        return Changed.InvokeAsync();
    }
}

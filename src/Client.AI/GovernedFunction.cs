using System.Text.Json;
using System.Text.Json.Nodes;
using Handrail.Policy;
using Microsoft.Extensions.AI;

namespace Handrail.Client.AI;

/// <summary>
/// A tool that asks the console before it does anything. Models see of its arguments only what the policy's mask shows. When it may not go, it gives back why,
/// for the model to read: <c>{"done":false,"status":"denied","reason":"…"}</c>.
/// </summary>
public sealed class GovernedFunction : DelegatingAIFunction
{
    private readonly ToolGate _gate;

    internal GovernedFunction(AIFunction function, ToolGate gate)
        : base(function) => _gate = gate;

    /// <inheritdoc/>
    public override JsonElement JsonSchema => _gate.Session.ToolMask(Name) is { } mask ? Narrowed(base.JsonSchema, mask) : base.JsonSchema;

    /// <inheritdoc/>
    protected override ValueTask<object?> InvokeCoreAsync(AIFunctionArguments arguments, CancellationToken cancellationToken) =>
        _gate.InvokeAsync(InnerFunction, arguments, cancellationToken);

    private static JsonElement Narrowed(JsonElement schema, MaskInForce mask)
    {
        if (schema.ValueKind is not JsonValueKind.Object || JsonObject.Create(schema) is not { } narrowed)
        {
            return schema;
        }

        if (narrowed["properties"] is JsonObject properties)
        {
            foreach (var name in properties.Select(property => property.Key).Where(name => !mask.Shows(name)).ToList())
            {
                properties.Remove(name);
            }
        }

        if (narrowed["required"] is JsonArray required)
        {
            narrowed["required"] = new JsonArray([.. required.Where(name => name is JsonValue text && text.TryGetValue<string>(out var word) && mask.Shows(word)).Select(name => name!.DeepClone())]);
        }

        return JsonElement.Parse(narrowed.ToJsonString());
    }
}

using System.Text.Json.Nodes;

namespace Handrail.Simulator.Playing;

/// <summary>Messages in the form of the GenAI conventions, and a rough count of their tokens.</summary>
internal static class Messages
{
    public static JsonObject Text(string role, string text, string? finish = null)
    {
        var message = new JsonObject
        {
            ["role"] = role,
            ["parts"] = new JsonArray(new JsonObject { ["type"] = "text", ["content"] = text }),
        };
        if (finish is not null)
        {
            message["finish_reason"] = finish;
        }

        return message;
    }

    public static JsonObject ToolCall(string id, string tool, JsonObject arguments) => new()
    {
        ["role"] = "assistant",
        ["parts"] = new JsonArray(new JsonObject { ["type"] = "tool_call", ["id"] = id, ["name"] = tool, ["arguments"] = arguments.DeepClone() }),
    };

    public static JsonObject ToolResult(string id, JsonNode result) => new()
    {
        ["role"] = "tool",
        ["parts"] = new JsonArray(new JsonObject { ["type"] = "tool_call_response", ["id"] = id, ["response"] = result.DeepClone() }),
    };

    public static string Instructions(string text) =>
        new JsonArray(new JsonObject { ["type"] = "text", ["content"] = text }).ToJsonString();

    public static string Json(IEnumerable<JsonObject> messages) => new JsonArray([.. messages.Select(message => message.DeepClone())]).ToJsonString();

    /// <summary>About four characters of English make a token.</summary>
    public static int Tokens(string text) => (text.Length + 3) / 4;

    public static int Tokens(IEnumerable<JsonObject> messages) => messages.Sum(message => Tokens(message.ToJsonString()));
}

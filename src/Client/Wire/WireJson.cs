using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using Handrail.Client.Offline;

namespace Handrail.Client.Wire;

/// <summary>The contract's JSON. A member named twice makes an answer unreadable: which of the two counted would be a guess.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    AllowDuplicateProperties = false)]
[JsonSerializable(typeof(SessionRequest))]
[JsonSerializable(typeof(ActionRequest))]
[JsonSerializable(typeof(ActionAnswer))]
[JsonSerializable(typeof(ResultRequest))]
[JsonSerializable(typeof(CostsRequest))]
[JsonSerializable(typeof(CostsAnswer))]
[JsonSerializable(typeof(MessagesRequest))]
[JsonSerializable(typeof(EndRequest))]
[JsonSerializable(typeof(HandoffRequest))]
[JsonSerializable(typeof(HandoffAnswer))]
[JsonSerializable(typeof(ControlAnswer))]
[JsonSerializable(typeof(AckRequest))]
[JsonSerializable(typeof(PolicyAnswer))]
[JsonSerializable(typeof(KeptPolicy))]
[JsonSerializable(typeof(JsonElement))]
[JsonSerializable(typeof(JsonObject))]
internal sealed partial class WireJson : JsonSerializerContext;

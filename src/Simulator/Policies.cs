using System.Text.Json.Nodes;

namespace Handrail.Simulator;

/// <summary>Policy documents written out as JSON, as a product owner would publish them.</summary>
internal static class Policies
{
    public static JsonObject Parse(string json) => JsonNode.Parse(json)!.AsObject();
}

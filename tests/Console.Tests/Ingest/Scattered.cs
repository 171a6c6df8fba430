using System.Text.Json.Nodes;
using Google.Protobuf;

namespace Handrail.Ingest;

/// <summary>What a client sent, as a slower or more hurried exporter of the same client would have sent it: each record in a request of its own.</summary>
internal static class Scattered
{
    public static IEnumerable<Captured> EachAlone(Captured request)
    {
        var body = request.Unpacked();
        IEnumerable<byte[]> bodies = request.Path.EndsWith("/metrics", StringComparison.Ordinal) ? [body]
            : request.ContentType.StartsWith("application/json", StringComparison.Ordinal) ? OfJson(body)
            : OfProtobuf(body);
        return bodies.Select(b => request with { Body = b, Encoding = null });
    }

    private static IEnumerable<byte[]> OfJson(byte[] body)
    {
        var request = JsonNode.Parse(body)!.AsObject();
        if (request["data"] is JsonArray items)
        {
            return items.Select(item => Bytes(new JsonObject { ["data"] = new JsonArray(item!.DeepClone()) })).ToList();
        }

        var (resources, scopes, records) = request.ContainsKey("resourceSpans") ? ("resourceSpans", "scopeSpans", "spans") : ("resourceLogs", "scopeLogs", "logRecords");
        return
        [
            .. from resource in request[resources]!.AsArray()
               from scope in resource![scopes]!.AsArray()
               from record in scope![records]!.AsArray()
               select Bytes(new JsonObject { [resources] = new JsonArray(With(resource, scopes, With(scope, records, record!.DeepClone()))) }),
        ];
    }

    private static JsonObject With(JsonNode message, string list, JsonNode only)
    {
        var copy = new JsonObject(message.AsObject().Where(m => m.Key != list).Select(m => KeyValuePair.Create(m.Key, m.Value?.DeepClone())));
        copy[list] = new JsonArray(only);
        return copy;
    }

    private static byte[] Bytes(JsonNode node) => System.Text.Encoding.UTF8.GetBytes(node.ToJsonString());

    /// <summary>Traces and logs have resources, scopes and records in the same fields.</summary>
    private static IEnumerable<byte[]> OfProtobuf(byte[] body) =>
        from resource in Fields(body)
        let inResource = Fields(resource.Bytes).ToList()
        from scope in inResource.Where(f => f.Number == 2)
        let inScope = Fields(scope.Bytes).ToList()
        from record in inScope.Where(f => f.Number == 2)
        let scopeAlone = Message([.. inScope.Where(f => f.Number != 2), record])
        select Message([new(1, Message([.. inResource.Where(f => f.Number != 2), new(2, scopeAlone)]))]);

    /// <summary>All fields of these messages hold messages or texts.</summary>
    private static IEnumerable<Field> Fields(byte[] message)
    {
        using var input = new CodedInputStream(message);
        while (input.ReadTag() is not 0 and var tag)
        {
            yield return new Field(WireFormat.GetTagFieldNumber(tag), input.ReadBytes().ToByteArray());
        }
    }

    private static byte[] Message(IEnumerable<Field> fields)
    {
        using var stream = new MemoryStream();
        using (var output = new CodedOutputStream(stream, leaveOpen: true))
        {
            foreach (var field in fields)
            {
                output.WriteTag(field.Number, WireFormat.WireType.LengthDelimited);
                output.WriteBytes(ByteString.CopyFrom(field.Bytes));
            }
        }

        return stream.ToArray();
    }

    private readonly record struct Field(int Number, byte[] Bytes);
}

using System.Text.Json.Nodes;

namespace Handrail.Client.Tests.Fakes;

/// <summary>An answer of the fake console.</summary>
internal sealed record Reply(int Status, string Body = "{}", string ContentType = "application/json")
{
    public Dictionary<string, string> Headers { get; init; } = [];

    /// <summary>Cut the connection instead of answering.</summary>
    public bool Drop { get; init; }

    /// <summary>Answer only when this is done.</summary>
    public Task After { get; init; } = Task.CompletedTask;

    public static Reply Ok(JsonNode body) => new(200, body.ToJsonString());

    public static Reply Refuse(int status, string detail) =>
        new(status, new JsonObject { ["title"] = "Refused", ["status"] = status, ["detail"] = detail }.ToJsonString(), "application/problem+json");

    public Reply With(string header, string value) => this with { Headers = new(Headers) { [header] = value } };
}

/// <summary>A request as the fake console took it.</summary>
internal sealed record Taken(string Method, string Path, string Query, string Body, IReadOnlyDictionary<string, string> Headers)
{
    public JsonNode Json => JsonNode.Parse(Body)!;

    public bool Is(string method, string pathEnd) => Method == method && Path.EndsWith(pathEnd, StringComparison.Ordinal);
}

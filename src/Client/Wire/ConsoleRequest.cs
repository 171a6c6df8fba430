using System.Net.Http.Headers;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace Handrail.Client.Wire;

/// <summary>A request that can be sent any number of times: its body is written once and never differs.</summary>
internal sealed record ConsoleRequest(HttpMethod Method, string Path, TimeSpan Timeout)
{
    private static readonly MediaTypeHeaderValue JsonContent = new("application/json");

    public byte[]? Body { get; init; }

    public string? IfNoneMatch { get; init; }

    /// <summary>The latest policy version seen, and what was made up for this question: so that the console can say that an earlier one took its place.</summary>
    public string? PolicySeen { get; init; }

    public static ConsoleRequest Get(string path, TimeSpan timeout) => new(HttpMethod.Get, path, timeout);

    public static ConsoleRequest Post<T>(string path, T body, JsonTypeInfo<T> type, TimeSpan timeout) =>
        new(HttpMethod.Post, path, timeout) { Body = JsonSerializer.SerializeToUtf8Bytes(body, type) };

    public static ConsoleRequest Put<T>(string path, T body, JsonTypeInfo<T> type, TimeSpan timeout) =>
        new(HttpMethod.Put, path, timeout) { Body = JsonSerializer.SerializeToUtf8Bytes(body, type) };

    public HttpRequestMessage ToMessage(string root, string key)
    {
        var message = new HttpRequestMessage(Method, root + Path);
        message.Headers.Authorization = new AuthenticationHeaderValue("Bearer", key);
        message.Headers.Accept.ParseAdd("application/json");
        if (IfNoneMatch is { } tag)
        {
            message.Headers.TryAddWithoutValidation("If-None-Match", tag);
        }

        if (PolicySeen is { } seen)
        {
            message.Headers.TryAddWithoutValidation("x-handrail-policy-seen", seen);
        }

        if (Body is { } body)
        {
            message.Content = new ByteArrayContent(body) { Headers = { ContentType = JsonContent } };
        }

        return message;
    }
}

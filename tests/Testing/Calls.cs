using System.Net.Http.Json;
using System.Text.Json;
using Handrail.Store;
using Xunit;

namespace Handrail.Testing;

/// <summary>An answer: status, headers and the JSON of its body.</summary>
public sealed record Answer(int Status, JsonElement Body, HttpResponseMessage Message)
{
    public JsonElement this[string member] => Body.GetProperty(member);

    public string Text(string member) => Body.GetProperty(member).GetString()!;

    public string? Header(string name) => Message.Headers.TryGetValues(name, out var values) ? values.Single() : null;

    public string? ETag => Message.Headers.ETag?.Tag;

    public Answer Expect(params int[] statuses)
    {
        Assert.True(statuses.Contains(Status), $"{Message.RequestMessage?.Method} {Message.RequestMessage?.RequestUri} answered {Status}: {Body}");
        return this;
    }
}

public static class Calls
{
    public static Task<Answer> PostAsync(this HttpClient client, string path, object body) => client.SendAsync(HttpMethod.Post, path, body);

    public static async Task<Answer> ReadAsync(this HttpClient client, string path, string? ifNoneMatch = null)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, path);
        if (ifNoneMatch is not null)
        {
            request.Headers.TryAddWithoutValidation("If-None-Match", ifNoneMatch);
        }

        return await AnswerAsync(await client.SendAsync(request));
    }

    public static async Task<Answer> SendAsync(this HttpClient client, HttpMethod method, string path, object? body, string? ifMatch = null, string? reason = null)
    {
        using var request = new HttpRequestMessage(method, path);
        if (body is not null)
        {
            request.Content = JsonContent.Create(body, options: JsonText.Options);
        }

        if (ifMatch is not null)
        {
            request.Headers.TryAddWithoutValidation("If-Match", ifMatch);
        }

        if (reason is not null)
        {
            request.Headers.TryAddWithoutValidation("x-reason", reason);
        }

        return await AnswerAsync(await client.SendAsync(request));
    }

    private static async Task<Answer> AnswerAsync(HttpResponseMessage message)
    {
        var text = await message.Content.ReadAsStringAsync();
        var json = text.Length > 0 && message.Content.Headers.ContentType?.MediaType?.EndsWith("json", StringComparison.Ordinal) == true
            ? JsonText.Element(text)!.Value
            : default;
        return new Answer((int)message.StatusCode, json, message);
    }
}

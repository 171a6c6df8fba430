using System.Text;
using System.Text.Json.Nodes;

namespace Handrail.Client.Tests.Fakes;

/// <summary>Somebody between the client and its console, who may change what it is told of the policy.</summary>
internal sealed class PolicyWay() : DelegatingHandler(new SocketsHttpHandler())
{
    private volatile Func<JsonObject, JsonObject>? _change;
    private volatile JsonObject? _last;

    /// <summary>What is made of each policy that the console tells; null for nothing.</summary>
    public Func<JsonObject, JsonObject>? Change
    {
        get => _change;
        set => _change = value;
    }

    /// <summary>The last policy that the console told.</summary>
    public JsonObject? Last => _last;

    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        var answer = await base.SendAsync(request, cancellationToken);
        if (!request.RequestUri!.AbsolutePath.EndsWith("/policy", StringComparison.Ordinal) || !answer.IsSuccessStatusCode)
        {
            return answer;
        }

        var told = JsonNode.Parse(await answer.Content.ReadAsStringAsync(cancellationToken))!.AsObject();
        _last = told;
        answer.Content = new StringContent((_change?.Invoke(told) ?? told).ToJsonString(), Encoding.UTF8, "application/json");
        return answer;
    }
}

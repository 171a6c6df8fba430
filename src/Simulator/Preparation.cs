using System.Net.Http.Headers;
using System.Text.Json;
using System.Text.Json.Nodes;
using Handrail.Simulator.Playing;

namespace Handrail.Simulator;

/// <summary>What comes before the first session: a console that answers, and policies where nobody has published any.</summary>
internal sealed class Preparation(SimulatorOptions options, TimeProvider clock, TextWriter log) : IDisposable
{
    private static readonly TimeSpan BetweenTries = TimeSpan.FromSeconds(0.5);

    private readonly HttpClient _http = new() { Timeout = TimeSpan.FromSeconds(10) };

    private string Root { get; } = options.Url.GetLeftPart(UriPartial.Path).TrimEnd('/');

    public async Task WaitForConsoleAsync(CancellationToken cancellationToken)
    {
        var told = false;
        while (!await IsReadyAsync(cancellationToken))
        {
            if (!told)
            {
                await log.WriteLineAsync($"Waiting for the console at {options.Url}");
                told = true;
            }

            await Task.Delay(BetweenTries, clock, cancellationToken);
        }
    }

    /// <summary>A policy that a person has published, or moved with the sliders, is left as it is.</summary>
    public async Task PublishPoliciesAsync(IReadOnlyList<AgentScript> scripts, CancellationToken cancellationToken)
    {
        if (options.AdminToken is null)
        {
            return;
        }

        // The fleet is born with version 1; an agent's own layer with none.
        await PublishAsync("/api/v1/fleet/policy", FleetPolicy.Document(), untouched: 1, cancellationToken);
        foreach (var script in scripts)
        {
            await PublishAsync($"/api/v1/agents/{script.Name}/policy/own", script.Policy, untouched: 0, cancellationToken);
        }
    }

    public void Dispose() => _http.Dispose();

    private async Task<bool> IsReadyAsync(CancellationToken cancellationToken)
    {
        try
        {
            using var response = await _http.GetAsync(Root + "/readyz", cancellationToken);
            return response.IsSuccessStatusCode;
        }
        catch (Exception problem) when (problem is HttpRequestException || !cancellationToken.IsCancellationRequested && problem is OperationCanceledException)
        {
            return false;
        }
    }

    private async Task PublishAsync(string path, JsonObject document, int untouched, CancellationToken cancellationToken)
    {
        try
        {
            using var read = await SendAsync(HttpMethod.Get, path, null, null, cancellationToken);
            if (!read.IsSuccessStatusCode)
            {
                await log.WriteLineAsync($"No policy published at {path}: reading it gave {(int)read.StatusCode}");
                return;
            }

            var layer = JsonNode.Parse(await read.Content.ReadAsStringAsync(cancellationToken));
            if ((int?)layer?["version"] is not { } version || version > untouched || read.Headers.ETag is not { } tag)
            {
                return;
            }

            using var published = await SendAsync(HttpMethod.Put, path, document, tag, cancellationToken);
            if (!published.IsSuccessStatusCode)
            {
                await log.WriteLineAsync($"No policy published at {path}: {(int)published.StatusCode} {await published.Content.ReadAsStringAsync(cancellationToken)}");
            }
        }
        catch (Exception problem) when (problem is HttpRequestException or JsonException || !cancellationToken.IsCancellationRequested && problem is OperationCanceledException)
        {
            await log.WriteLineAsync($"No policy published at {path}: {problem.Message}");
        }
    }

    private async Task<HttpResponseMessage> SendAsync(
        HttpMethod method, string path, JsonObject? body, EntityTagHeaderValue? seen, CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(method, Root + path);
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", options.AdminToken);
        if (body is not null)
        {
            request.Headers.IfMatch.Add(seen!);
            request.Headers.Add("x-reason", "Starting policy of the simulated fleet");
            request.Content = new StringContent(body.ToJsonString(), new MediaTypeHeaderValue("application/json"));
        }

        return await _http.SendAsync(request, cancellationToken);
    }
}

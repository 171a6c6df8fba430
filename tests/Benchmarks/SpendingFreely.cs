using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Handrail.Testing;

namespace Handrail.Benchmarks;

/// <summary>
/// The load here costs hundreds of dollars an hour by the price table, at which a new fleet is paused. Its breakers hold all the same, that one
/// at a higher limit: what they cost is part of what is measured.
/// </summary>
internal static class SpendingFreely
{
    private const string Policy = "/api/v1/fleet/policy";

    public static async Task AllowAsync(ConsoleProcess console)
    {
        using var administrator = console.AsAdministrator();
        var policy = JsonNode.Parse(await administrator.GetStringAsync(Policy))!["policy"]!;
        foreach (var breaker in policy["breakers"]!.AsArray())
        {
            if ((string?)breaker!["scope"] == "fleet")
            {
                breaker["limit"] = 1_000_000_000;
            }
        }

        using var request = new HttpRequestMessage(HttpMethod.Put, Policy) { Content = JsonContent.Create(policy) };
        request.Headers.TryAddWithoutValidation("If-Match", "*");
        using var answer = await administrator.SendAsync(request);
        answer.EnsureSuccessStatusCode();
    }
}

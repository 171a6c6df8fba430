using Handrail.Host;
using Handrail.Store;
using Handrail.Testing;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace Handrail.Ingest;

/// <summary>Metrics are kept as what they have come to, and never added to what spans and events tell.</summary>
public sealed class MetricsInTests
{
    [Theory, Databases]
    public async Task A_delta_is_added_once_and_a_gauge_replaced_however_often_and_in_whatever_order_they_come(DatabaseProvider provider)
    {
        await using var host = await ConsoleHost.StartAsync(provider);
        object[] requests =
        [
            Request("calls", new { sum = new { aggregationTemporality = 1, dataPoints = new[] { Point(1, 5), Point(2, 6) } } }),
            Request("calls", new { sum = new { aggregationTemporality = 1, dataPoints = new[] { Point(3, 7) } } }),
            Request("load", new { gauge = new { dataPoints = new[] { Point(2, 40), Point(1, 90) } } }),
        ];
        foreach (var request in requests.Concat(requests))
        {
            Assert.Equal("{}", (await host.Agent.PostAsync("/v1/metrics", request)).Expect(200).Body.ToString());
        }

        var series = await SeriesAsync(host);

        Assert.Equal([("calls", 18d), ("load", 40d)], series.Select(s => (s.Name, s.Value)));
        Assert.Empty((await host.Admin.ReadAsync("/api/v1/sessions")).Expect(200)["items"].EnumerateArray());
    }

    [Theory, Databases]
    public async Task Many_senders_at_once_of_one_series_lose_nothing(DatabaseProvider provider)
    {
        await using var host = await ConsoleHost.StartAsync(provider);

        await Task.WhenAll(Enumerable.Range(1, 20).Select(async i =>
            (await host.Agent.PostAsync("/v1/metrics", Request($"m-{i % 4}", new { gauge = new { dataPoints = new[] { Point(i, i) } } }))).Expect(200)));

        Assert.Equal([20d, 17d, 18d, 19d], (await SeriesAsync(host)).Select(s => s.Value));
    }

    [Theory, Databases]
    public async Task Two_processes_of_one_service_add_to_series_of_their_own_and_neither_hides_the_others(DatabaseProvider provider)
    {
        await using var host = await ConsoleHost.StartAsync(provider);
        foreach (var (process, second) in new[] { ("p-1", 5), ("p-2", 3), ("p-1", 9), ("p-2", 7) })
        {
            (await host.Agent.PostAsync("/v1/metrics", Request("calls", new { sum = new { aggregationTemporality = 1, dataPoints = new[] { Point(second, 1) } } }, process))).Expect(200);
        }

        Assert.Equal([2d, 2d], (await SeriesAsync(host)).Select(s => s.Value));
    }

    private static object Request(string name, object data, string process = "p-1") => new
    {
        resourceMetrics = new[]
        {
            new
            {
                resource = new { attributes = new[] { Text("service.name", "shop"), Text("service.instance.id", process) } },
                scopeMetrics = new[] { new { metrics = new[] { Merged(name, data) } } },
            },
        },
    };

    private static object Text(string key, string value) => new { key, value = new { stringValue = value } };

    private static Dictionary<string, object> Merged(string name, object data) =>
        data.GetType().GetProperties().ToDictionary(p => p.Name, p => p.GetValue(data)!).Append(new("name", name)).ToDictionary();

    private static object Point(int second, int value) => new { timeUnixNano = $"{1795433714 + second}000000000", asInt = value };

    private static async Task<List<MetricSeries>> SeriesAsync(ConsoleHost host)
    {
        await using var db = await host.Factory.Services.GetRequiredService<IDbContextFactory<HandrailDb>>().CreateDbContextAsync();
        return await db.MetricSeries.AsNoTracking().OrderBy(s => s.Name).ToListAsync();
    }
}

using System.Text.Json;
using Handrail.Host;
using Handrail.Store;
using Handrail.Telemetry;
using Handrail.Testing;
using Microsoft.Extensions.DependencyInjection;

namespace Handrail.Ingest;

/// <summary>A user sees at once why tokens or a session are missing.</summary>
public sealed class CoverageTests
{
    [Theory, Databases]
    public async Task What_was_read_from_where_and_what_nobody_understood_is_told_for_each_sender(DatabaseProvider provider)
    {
        await using var host = await ConsoleHost.StartAsync(provider);
        var body = OtlpJson.ModelCalls("s-1", "desk");
        for (var twice = 0; twice < 2; twice++)
        {
            (await host.Agent.PostAsync("/v1/traces", body)).Expect(200);
            await host.Factory.Services.GetRequiredService<MappingCoverage>().WriteAsync(default);
        }

        foreach (var request in Captured.From("traceloop"))
        {
            using var answer = await host.Agent.PostAsync(request.Path, request.Content());
        }

        await host.Factory.Services.GetRequiredService<MappingCoverage>().WriteAsync(default);

        var senders = (await host.Admin.ReadAsync("/api/v1/telemetry/senders")).Expect(200)["items"].EnumerateArray().ToList();

        Assert.Equal(2, senders.Count);
        var traceloop = senders[0].GetProperty("coverage");
        Assert.True(traceloop.GetProperty("dialects").EnumerateObject().Any());
        Assert.True(traceloop.GetProperty("found").GetProperty("session").TryGetProperty("traceloop.association.properties.session_id", out _));
        Assert.True(traceloop.GetProperty("unknown").EnumerateObject().Any());
        Assert.Contains("cost", senders[0].GetProperty("missing").EnumerateArray().Select(m => m.GetProperty("field").GetString()));
        var own = senders[1].GetProperty("coverage");
        Assert.Equal(own.GetProperty("records").GetInt64(), own.GetProperty("sampled").GetInt64());
    }

    [Theory, Databases]
    public async Task What_was_noted_last_is_written_down_when_the_console_stops(DatabaseProvider provider)
    {
        await using var host = await ConsoleHost.StartAsync(provider);
        var coverage = ActivatorUtilities.CreateInstance<MappingCoverage>(host.Factory.Services);
        await coverage.StartAsync(default);
        coverage.Note("default", OtlpTraces.ReadJson(JsonSerializer.SerializeToUtf8Bytes(OtlpJson.ModelCalls("s-1", "desk")), TimeProvider.System.GetUtcNow()));

        await coverage.StopAsync(default);

        Assert.Single((await host.Admin.ReadAsync("/api/v1/telemetry/senders")).Expect(200)["items"].EnumerateArray());
    }

    [Theory, Databases]
    public async Task Only_people_may_read_how_senders_are_read(DatabaseProvider provider)
    {
        await using var host = await ConsoleHost.StartAsync(provider);

        (await host.Anonymous.ReadAsync("/api/v1/telemetry/senders")).Expect(401);
        (await host.Agent.ReadAsync("/api/v1/telemetry/senders")).Expect(403);
        (await (await host.PersonAsync("Viewer")).Client.ReadAsync("/api/v1/telemetry/senders")).Expect(200);
    }

    [Fact]
    public void Missing_sessions_usage_and_dialects_are_said_in_words_that_help()
    {
        var look = new SenderLook(new SenderReading("1", "default", null, null, null, default, default, new SenderCoverage
        {
            Records = 3, Sampled = 3, Calls = 2, CallsWithoutUsage = 1, Dialects = { ["none"] = 3 },
        }));

        Assert.Equal("(no service.name)", look.Name);
        Assert.Contains(look.Warnings, w => w.Contains("langfuse.session.id", StringComparison.Ordinal) && w.Contains("gen_ai.conversation.id", StringComparison.Ordinal));
        Assert.Contains(look.Warnings, w => w.StartsWith("1 of 2 model calls came without token counts", StringComparison.Ordinal));
        Assert.Contains(look.Warnings, w => w.Contains("gen_ai.operation.name", StringComparison.Ordinal));
    }

    [Fact]
    public void A_sender_of_endless_names_fills_no_more_than_its_share()
    {
        var all = new SenderCoverage();
        for (var i = 0; i < 1_000; i++)
        {
            all.Add(new SenderCoverage { Unknown = { [$"k{i}"] = 1 }, Dialects = { [$"d{i}"] = 1 } });
        }

        Assert.Equal((SenderCoverage.MostNames, SenderCoverage.MostNames), (all.Unknown.Count, all.Dialects.Count));
    }
}

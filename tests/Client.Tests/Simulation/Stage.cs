using System.Collections.Concurrent;
using System.Diagnostics;
using Handrail.Client.Tests.Fakes;
using Handrail.Simulator.Playing;
using OpenTelemetry;
using OpenTelemetry.Trace;

namespace Handrail.Client.Tests.Simulation;

/// <summary>Plays one script against the fake console and keeps the spans that it would have exported.</summary>
internal sealed class Stage(FakeConsole console, AgentScript script, int seed = 1, bool first = false, bool easyOnly = false, double speed = 10_000, string session = "s-1") : IAsyncDisposable
{
    private readonly HandrailClient _client = new(new HandrailClientOptions
    {
        Endpoint = console.Address,
        ApiKey = "hra_test",
        Agent = script.Name,
        AskTimeout = TimeSpan.FromSeconds(20),
    });

    private readonly CancellationTokenSource _closing = new();
    private Task _playing = Task.CompletedTask;

    public SpanKeeper Spans { get; } = new();

    public HandrailSession? Session { get; private set; }

    public Task<Outcome> PlayAsync()
    {
        var playing = PlayToTheEndAsync();
        _playing = playing;
        return playing;
    }

    private async Task<Outcome> PlayToTheEndAsync()
    {
        var casting = new Casting(new Random(seed), first ? 0 : seed, easyOnly);
        var opening = script.Open(casting);
        var telemetry = script.Agents.ToDictionary(agent => agent.Name, agent => new AgentTelemetry(agent, Spans.Attach));
        try
        {
            Session = await _client.OpenSessionAsync(session, opening.User, opening.Title);
            using var either = CancellationTokenSource.CreateLinkedTokenSource(Session.Stopped, _closing.Token);
            return await script.PlayAsync(
                new Run(Session, casting, opening, telemetry, new Pace(speed, TimeProvider.System), _ => { }, either.Token));
        }
        finally
        {
            foreach (var voice in telemetry.Values)
            {
                voice.Dispose();
            }
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _closing.CancelAsync();

        // The next stage would hear what this one still plays. How it ended, the test has seen.
        await _playing.ContinueWith(_ => { }, CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
        await _client.DisposeAsync();
        _closing.Dispose();
    }
}

/// <summary>An exporter that keeps what it is given.</summary>
internal sealed class SpanKeeper : BaseExporter<Activity>
{
    private readonly ConcurrentQueue<Activity> _spans = new();

    public IReadOnlyList<Activity> All => [.. _spans];

    public void Attach(TracerProviderBuilder builder) => builder.AddProcessor(new SimpleActivityExportProcessor(this));

    public IReadOnlyList<Activity> Of(string operation) => [.. All.Where(span => (string?)span.GetTagItem("gen_ai.operation.name") == operation)];

    public IReadOnlyList<Activity> Tool(string name) => [.. All.Where(span => (string?)span.GetTagItem("gen_ai.tool.name") == name)];

    public override ExportResult Export(in Batch<Activity> batch)
    {
        foreach (var span in batch)
        {
            _spans.Enqueue(span);
        }

        return ExportResult.Success;
    }
}

using System.Threading.Channels;
using Handrail.Access;
using Handrail.Breakers;
using Handrail.Content;
using Handrail.Sessions;
using Handrail.Store;
using Handrail.Telemetry;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Handrail.Ingest;

/// <summary>
/// The writer of telemetry in this process. It joins what many callers bring into transactions of a bounded size, and a caller
/// is told only once its steps are committed.
/// </summary>
public sealed class SpanWriter : BackgroundService
{
    /// <summary>Spans of one part of a request, on SQLite: what is joined to a batch.</summary>
    private const int SpansInPart = 128;

    /// <summary>The least that a batch may have: each costs something however small it is, and with smaller ones too little would be written.</summary>
    private const int SpansInShortest = 256;

    /// <summary>How long a batch is to keep gate and orders out of SQLite while they come.</summary>
    private static readonly TimeSpan ShortTurn = TimeSpan.FromMilliseconds(30);

    /// <summary>So long after one of them came the next is expected.</summary>
    private static readonly TimeSpan ControlComes = TimeSpan.FromSeconds(1);

    private readonly HandrailStore _store;
    private readonly StepDays _days;
    private readonly ContentRules _rules;
    private readonly IngestAdmission _admission;
    private readonly TimeProvider _time;
    private readonly ILogger<SpanWriter> _log;
    private readonly BreakerWatch _breakers;
    private readonly IngestFigures _figures;
    private readonly StepIntake _intake;
    private readonly ReadingLane _lane;
    private readonly int _spansPerCommit;
    private int _spansInShortTurn = SpansInShortest;
    private long _controlTurns;
    private long _controlAt;
    private readonly Channel<IncomingPart> _queue = Channel.CreateUnbounded<IncomingPart>();

    public SpanWriter(
        HandrailStore store, StepDays days, ContentRules rules, IngestAdmission admission, ReadingLane lane, IngestSettings settings, PriceTable prices, BreakerWatch breakers, IngestFigures figures,
        TimeProvider time, ILogger<SpanWriter> log)
    {
        (_breakers, _figures, _lane) = (breakers, figures, lane);
        (_store, _days, _rules, _admission, _time, _log) = (store, days, rules, admission, time, log);
        _intake = new StepIntake(prices);
        _spansPerCommit = settings.SpansPerCommit(store.Provider);
    }

    /// <summary>Stores a request's steps. When this returns they are committed, and whether it does or throws: none of them is held here any more.</summary>
    /// <param name="cancel">Nobody waits any more: what is not begun with is left out.</param>
    /// <exception cref="Refusal">Too much at once, or the database does not take anything now: nothing may be taken for stored, send it all again.</exception>
    public async Task<IngestReceipt> WriteAsync(Caller caller, IReadOnlyList<Step> steps, CancellationToken cancel)
    {
        caller.Demand(Permission.ActAsAgent);
        using var place = _admission.Enter(caller);
        place.AddSpans(steps.Count);
        var request = new IncomingRequest(caller, cancel) { Arrival = _figures.Now };
        var redaction = await _rules.RedactionAsync(cancel);
        var ready = await _lane.RunAsync(() => _intake.Prepare(request, steps, redaction), cancel);
        var parts = request.Divide(ready, _store.Provider == DatabaseProvider.Sqlite ? Math.Min(SpansInPart, _spansPerCommit) : _spansPerCommit);
        if (parts.Count == 0)
        {
            await _store.ReadAsync(
                async db =>
                {
                    await KeysInForce.DemandAsync(db, caller, _time.GetUtcNow(), cancel);
                    return true;
                },
                cancel);
            request.PartDone();
        }

        foreach (var part in parts)
        {
            if (!_queue.Writer.TryWrite(part))
            {
                throw Stopping();
            }
        }

        return await request.Done;
    }

    /// <summary>Takes nothing more in and writes what is in; whom there is no time left for is told to send it again.</summary>
    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        _queue.Writer.TryComplete();
        await base.StopAsync(cancellationToken);
        while (_queue.Reader.TryRead(out var part))
        {
            part.Request.Fail(Stopping());
            part.Request.PartDone();
        }
    }

    /// <summary>Spans to be read before they can be written: for each writer a batch that it is at and one that it finds when it is done, and one that is being made ready.</summary>
    internal static int ReadAhead(IngestSettings settings, DatabaseProvider provider) => settings.SpansPerCommit(provider) * ((2 * Writers(provider)) + 1);

    protected override Task ExecuteAsync(CancellationToken stoppingToken) =>
        Task.WhenAll(Enumerable.Range(0, Writers(_store.Provider)).Select(n => Task.Run(() => WriteAllAsync(n), CancellationToken.None)));

    /// <summary>On PostgreSQL a second transaction fills what the first one waits; SQLite has one writer.</summary>
    private static int Writers(DatabaseProvider provider) => provider == DatabaseProvider.Postgres ? IngestFigures.MostWriters : 1;

    private async Task WriteAllAsync(int writer)
    {
        var parts = new List<IncomingPart>();
        IncomingPart? next = null;
        while (next is not null || await _queue.Reader.WaitToReadAsync(CancellationToken.None))
        {
            parts.Clear();
            var (spans, most) = (0, MostSpans());
            while ((next is not null || _queue.Reader.TryRead(out next)) && (parts.Count == 0 || spans + next.Steps.Count <= most))
            {
                if (next.Request.IsGivenUp)
                {
                    next.Request.Fail(IngestFailure.GivenUp());
                    next.Request.PartDone();
                }
                else
                {
                    parts.Add(next);
                    spans += next.Steps.Count;
                }

                next = null;
            }

            if (parts.Count > 0)
            {
                _figures.Begin(writer, parts[0].Request.Arrival);
                var begun = _time.GetTimestamp();
                await CommitAsync(parts);
                Learn(spans, _time.GetElapsedTime(begun));
                _figures.End(writer);
            }
        }
    }

    /// <summary>On SQLite whoever asks the gate or gives an order waits for the batch under way: while they come it is a short one.</summary>
    private int MostSpans()
    {
        if (_store.ControlTurns is var turns && turns != _controlTurns)
        {
            (_controlTurns, _controlAt) = (turns, _time.GetTimestamp());
        }

        return _controlAt != 0 && _time.GetElapsedTime(_controlAt) < ControlComes ? Math.Min(_spansInShortTurn, _spansPerCommit) : _spansPerCommit;
    }

    private void Learn(int spans, TimeSpan took)
    {
        _admission.Written(spans);
        if (_store.Provider == DatabaseProvider.Sqlite && took > TimeSpan.Zero)
        {
            // Half way there with each batch: one may have waited for something else.
            var fits = Math.Max(SpansInShortest, Math.Min(_spansPerCommit, (int)(spans * (ShortTurn / took))));
            _spansInShortTurn = (_spansInShortTurn + fits) / 2;
        }
    }

    private async Task CommitAsync(IReadOnlyList<IncomingPart> parts)
    {
        try
        {
            await StoreAsync(parts);
        }
        catch (Exception e)
        {
            _log.LogError(e, "{Requests} requests with {Spans} spans were not stored; their senders are told to try again", parts.Count, parts.Sum(p => p.Steps.Count));
            foreach (var part in parts)
            {
                part.Request.Fail(IngestFailure.Away());
            }
        }

        foreach (var part in parts)
        {
            part.Request.PartDone();
        }
    }

    /// <summary>Commits all together; where a row is at fault, halves until it stands alone, so that it takes no neighbour with it.</summary>
    private async Task StoreAsync(IReadOnlyList<IncomingPart> parts)
    {
        try
        {
            await _days.EnsureAsync(_time.GetUtcNow(), CancellationToken.None);
            var (outcomes, noticed) = await IngestTransaction.RunAsync(_store, parts, _breakers.Hints, CancellationToken.None);
            foreach (var (request, outcome) in outcomes)
            {
                request.Add(outcome);
                _figures.Committed(request.Arrival, outcome.Accepted + outcome.Duplicates);
            }

            _breakers.Notice(noticed);
        }
        catch (Exception e) when (IngestFailure.BlamesData(e))
        {
            if (parts is [{ Steps.Count: 1 } one])
            {
                _log.LogError(e, "A span could not be stored and was rejected");
                one.Request.Reject("the span could not be stored");
                return;
            }

            var (first, second) = Halves(parts);
            await StoreAsync(first);
            await StoreAsync(second);
        }
    }

    private static (IReadOnlyList<IncomingPart> First, IReadOnlyList<IncomingPart> Second) Halves(IReadOnlyList<IncomingPart> parts)
    {
        if (parts.Count > 1)
        {
            var middle = parts.Count / 2;
            return ([.. parts.Take(middle)], [.. parts.Skip(middle)]);
        }

        var (request, steps) = parts[0];
        return ([new IncomingPart(request, steps[..(steps.Count / 2)])], [new IncomingPart(request, steps[(steps.Count / 2)..])]);
    }

    private static Refusal Stopping() => new(RefusalKind.Busy, "The console is stopping; send this again.") { RetryAfter = IngestFailure.StorageRetry };
}

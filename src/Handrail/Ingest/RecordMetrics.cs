using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Handrail.Access;
using Handrail.Sessions;
using Handrail.Store;
using Handrail.Telemetry;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Logging;

namespace Handrail.Ingest;

/// <summary>Takes in metrics: each series is kept as what it has come to, and a point that is sent again changes nothing.</summary>
public sealed class RecordMetrics(HandrailStore store, IngestAdmission admission, Heartbeats heartbeats, ILogger<RecordMetrics> log)
{
    /// <summary>Series of one team that are not retired: names and attributes are the sender's to choose, and must not fill the disk.</summary>
    public const int MostSeries = 20_000;

    /// <summary>Attributes of a point, in UTF-16 code units: they are part of what makes the series.</summary>
    private const int LongestAttributes = 8_000;

    private const int LongestName = 200;

    /// <summary>When this returns, what was not rejected is committed.</summary>
    /// <exception cref="Refusal">Too much at once, or the caller may not send telemetry.</exception>
    public async Task<(int Rejected, string? Reason)> HandleAsync(Caller caller, IReadOnlyList<MetricPoint> points, CancellationToken cancel)
    {
        caller.Demand(Permission.ActAsAgent);
        using var place = admission.Enter(caller);
        place.AddSpans(points.Count);
        var series = new Dictionary<string, List<MetricPoint>>(StringComparer.Ordinal);
        var unusable = 0;
        foreach (var point in points)
        {
            if (point.AttributesJson.Length > LongestAttributes || point.SessionId?.Length > LongestName || point.Service?.Length > LongestName || point.Instance?.Length > LongestName)
            {
                unusable++;
                continue;
            }

            var id = IdOf(caller.Team!, point);
            if (!series.TryGetValue(id, out var sameSeries))
            {
                series[id] = sameSeries = [];
            }

            sameSeries.Add(point);
        }

        var left = await StoreAsync(caller, series, cancel);
        foreach (var session in series.Values.Select(p => p[0].SessionId).OfType<string>())
        {
            heartbeats.Note(caller, session);
        }

        var reasons = new List<string>();
        if (unusable > 0)
        {
            reasons.Add($"a session, a service or attributes of a point are too long (over {LongestName} or {LongestAttributes} characters)");
        }

        if (left > 0)
        {
            reasons.Add($"a team may have {MostSeries} metric series");
        }

        return (unusable + left, reasons.Count == 0 ? null : string.Join("; ", reasons));
    }

    private async Task<int> StoreAsync(Caller caller, Dictionary<string, List<MetricPoint>> series, CancellationToken cancel)
    {
        try
        {
            return await store.WriteTelemetryAsync(unit => WriteAsync(unit, caller, series, cancel), cancel);
        }
        catch (Exception e) when (e is not (OperationCanceledException or Refusal))
        {
            log.LogError(e, "{Series} metric series were not stored; their sender is told to try again", series.Count);
            throw IngestFailure.Away();
        }
    }

    /// <returns>Points that were left out because there are too many series.</returns>
    private static async Task<int> WriteAsync(UnitOfWork unit, Caller caller, Dictionary<string, List<MetricPoint>> series, CancellationToken cancel)
    {
        await KeysInForce.DemandAsync(unit.Db, caller, unit.Now, cancel);
        var team = caller.Team!;
        var ids = series.Keys.Order(StringComparer.Ordinal).ToList();
        var known = await unit.Db.MetricSeries.Where(s => ids.Contains(s.Id)).OrderBy(s => s.Id).ForUpdate().ToDictionaryAsync(s => s.Id, cancel);
        var active = known.Values.Count(s => !s.Retired);
        var room = active == ids.Count ? 0 : MostSeries - await unit.Db.MetricSeries.CountAsync(s => s.Team == team && !s.Retired, cancel);
        var left = 0;
        foreach (var id in ids)
        {
            var points = series[id];
            points.Sort((a, b) => a.At.CompareTo(b.At));
            var row = known.GetValueOrDefault(id);
            if (row is null or { Retired: true } && room-- <= 0)
            {
                left += points.Count;
                continue;
            }

            if (row is null)
            {
                unit.Db.MetricSeries.Add(row = Begin(id, team, points[0]));
            }

            points.ForEach(p => row.Add(p, unit.Now));
        }

        return left;
    }

    private static MetricSeries Begin(string id, string team, MetricPoint first) => new()
    {
        Id = id,
        Team = team,
        ServiceName = first.Service,
        SessionId = first.SessionId,
        Name = first.Name.Replace('\0', '\uFFFD'),
        Unit = first.Unit?.Replace('\0', '\uFFFD'),
        Kind = first.Kind,
        AttributesJson = first.AttributesJson,
        StartedAt = first.StartedAt ?? first.At,
        LastAt = DateTimeOffset.UnixEpoch,
        Count = first.Count is null ? null : 0,
    };

    /// <summary>A cumulative series that began anew is another: its sum starts from nothing.</summary>
    private static string IdOf(string team, MetricPoint point) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(string.Join(
        '\u001f', team, point.Service, point.Instance, point.SessionId, point.Name, point.Unit, point.Kind, point.AttributesJson,
        point.Kind == MetricKind.Cumulative ? point.StartedAt?.UtcTicks.ToString(CultureInfo.InvariantCulture) : null))));
}

using System.Diagnostics;
using System.Globalization;
using Handrail.Access;
using Handrail.Audit;
using Handrail.Store;
using Handrail.Testing;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.Extensions.DependencyInjection;

namespace Handrail.Benchmarks;

/// <summary>How long it takes to seal the days of a long chain, to verify it, and to hand it out.</summary>
internal static class AuditBenchmark
{
    private const int AtOnce = 10_000;
    private const int PerDay = 100_000;

    private static readonly BulkColumn<AuditRecord>[] Columns =
    [
        BulkColumn.Long<AuditRecord>("seq", r => r.Seq),
        BulkColumn.Time<AuditRecord>("at", r => r.At),
        BulkColumn.Text<AuditRecord>("actor", r => r.Actor),
        BulkColumn.Text<AuditRecord>("actor_kind", r => r.ActorKind),
        BulkColumn.Text<AuditRecord>("act", r => r.Act),
        BulkColumn.Text<AuditRecord>("target", r => r.Target),
        BulkColumn.Text<AuditRecord>("reason", r => r.Reason),
        BulkColumn.Text<AuditRecord>("before_json", r => r.BeforeJson),
        BulkColumn.Text<AuditRecord>("after_json", r => r.AfterJson),
        BulkColumn.Text<AuditRecord>("address", r => r.Address),
        BulkColumn.Text<AuditRecord>("correlation_id", r => r.CorrelationId),
        BulkColumn.Text<AuditRecord>("previous_hash", r => r.PreviousHash),
        BulkColumn.Text<AuditRecord>("hash", r => r.Hash),
    ];

    public static async Task RunAsync(DatabaseProvider provider, int records)
    {
        await using var database = await TestDatabase.CreateAsync(provider);
        await using var services = new ServiceCollection().AddLogging().AddSingleton<IDataProtectionProvider>(new EphemeralDataProtectionProvider()).AddHandrailStore(database.Settings)
            .AddSingleton<AuditKeys>().AddSingleton<AuditDays>().AddSingleton<VerifyAudit>().AddSingleton<SealDays>().AddSingleton<ExportAudit>().BuildServiceProvider();
        var store = services.GetRequiredService<HandrailStore>();
        await FillAsync(store, records);

        var clock = Stopwatch.StartNew();
        var (done, wrong) = await services.GetRequiredService<SealDays>().HandleAsync(CancellationToken.None);
        var sealing = clock.Elapsed;

        clock.Restart();
        var before = GC.GetTotalAllocatedBytes(precise: true);
        var proof = await services.GetRequiredService<VerifyAudit>().HandleAsync(Caller.System, [], null, CancellationToken.None);
        var (verifying, bytes) = (clock.Elapsed, GC.GetTotalAllocatedBytes(precise: true) - before);

        clock.Restart();
        await AuditFile.WriteLinesAsync(
            Stream.Null, await services.GetRequiredService<ExportAudit>().HandleAsync(Caller.System, new AuditFilter(null, null, null, null, null), "jsonl", CancellationToken.None), CancellationToken.None);
        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"audit {provider,-9} {proof.Records} records, {(proof.Intact ? "intact" : proof.What)}{wrong}: {done} days sealed in {sealing.TotalSeconds:0.0} s; verified in {verifying.TotalSeconds:0.0} s ({proof.Records / verifying.TotalSeconds:0} /s, {bytes / proof.Records} B a record); exported in {clock.Elapsed.TotalSeconds:0.0} s"));
    }

    /// <summary>Records as people's decisions make them, as many days back as they need.</summary>
    private static async Task FillAsync(HandrailStore store, int records)
    {
        using var hasher = new AuditHasher();
        var start = TimeProvider.System.GetUtcNow().UtcDateTime.Date.AddDays(-1 - (records / PerDay));
        var previous = AuditChain.Genesis;
        for (var seq = 1L; seq <= records;)
        {
            var portion = new List<AuditRecord>(AtOnce);
            for (; portion.Count < AtOnce && seq <= records; seq++)
            {
                var record = Record(seq, start, previous);
                record.Hash = previous = hasher.Of(record);
                portion.Add(record);
            }

            await store.WriteAsync(unit => new Bulk(unit.Db, store.Provider).AppendAsync("audit_records", Columns, portion, CancellationToken.None), CancellationToken.None);
        }
    }

    private static AuditRecord Record(long seq, DateTime start, string previous) => new()
    {
        Seq = seq,
        At = new DateTimeOffset(start, TimeSpan.Zero).AddSeconds(86_400d * seq / PerDay),
        Actor = $"person{seq % 50}@example.com",
        ActorKind = "person",
        Act = seq % 3 == 0 ? "handoff.reject" : "handoff.approve",
        Target = $"handoff:h-{seq}",
        Reason = "within the budget that was agreed on",
        BeforeJson = """{"status":"open","amount":120.5,"arguments":{"expense_id":"e-9"}}""",
        AfterJson = $$"""{"status":"approved","amount":120.5,"arguments":{"expense_id":"e-9"},"session":"s-{{seq}}","action":"a-1","user":"u-7","agent":"expense-approver"}""",
        Address = "192.0.2.17",
        CorrelationId = $"0HNH{seq:x8}:00000001",
        PreviousHash = previous,
        Hash = "",
    };
}

using Handrail.Access;
using Handrail.Store;
using Handrail.Testing;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;

namespace Handrail.Audit;

/// <summary>A store with a clock of the test's own, and nothing in it but the records of the test.</summary>
internal sealed class AuditBooks : IAsyncDisposable
{
    private readonly TestDatabase _database;
    private readonly ServiceProvider _services;

    private AuditBooks(TestDatabase database, ServiceProvider services, FakeTimeProvider time) => (_database, _services, Time) = (database, services, time);

    public FakeTimeProvider Time { get; }

    public HandrailStore Store => _services.GetRequiredService<HandrailStore>();

    public SealDays Seals => _services.GetRequiredService<SealDays>();

    public static async Task<AuditBooks> OpenAsync(DatabaseProvider provider)
    {
        var database = await TestDatabase.CreateAsync(provider);
        return Open(database, new FakeTimeProvider(new DateTimeOffset(2026, 5, 1, 12, 0, 0, TimeSpan.Zero)), new EphemeralDataProtectionProvider());
    }

    /// <summary>Another process on the same database. It is to be disposed of by nobody.</summary>
    public AuditBooks Beside() => Open(_database, Time, _services.GetRequiredService<IDataProtectionProvider>());

    public async Task WriteAsync(int records)
    {
        for (var i = 0; i < records; i++)
        {
            await Store.WriteAsync(
                unit =>
                {
                    unit.Record(new AuditEntry(new Caller { Kind = CallerKind.Person, Id = "p-1", Name = "ann@example.com", Address = "192.0.2.1", CorrelationId = $"c-{i}" }, "agent.pause", $"agent:{i % 3}")
                    {
                        Reason = $"because <{i}>",
                        Before = new { state = "running" },
                        After = new { state = "paused", i },
                    });
                    return Task.CompletedTask;
                },
                CancellationToken.None);
        }
    }

    public Task<AuditVerification> VerifyAsync(params string[] kept) => _services.GetRequiredService<VerifyAudit>().HandleAsync(Caller.System, kept, null, CancellationToken.None);

    public Task<AuditDayListing> DaysAsync() => _services.GetRequiredService<AuditDays>().ListAsync(Caller.System, null, 100, CancellationToken.None);

    public Task<int> SqlAsync(string sql) => Store.ReadAsync(db => db.Database.ExecuteSqlRawAsync(sql), CancellationToken.None);

    /// <summary>Writes the chain anew from a record on, with hashes that fit, as somebody would who knows how it is made.</summary>
    public async Task ForgeAsync(long from, string reason)
    {
        await using var db = await _services.GetRequiredService<IDbContextFactory<HandrailDb>>().CreateDbContextAsync();
        using var hasher = new AuditHasher();
        var previous = from == 1 ? AuditChain.Genesis : (await db.AuditRecords.SingleAsync(r => r.Seq == from - 1)).Hash;
        foreach (var record in await db.AuditRecords.Where(r => r.Seq >= from).OrderBy(r => r.Seq).ToListAsync())
        {
            record.Reason = record.Seq == from ? reason : record.Reason;
            record.PreviousHash = previous;
            record.Hash = previous = hasher.Of(record);
        }

        await db.SaveChangesAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await _services.DisposeAsync();
        await _database.DisposeAsync();
    }

    private static AuditBooks Open(TestDatabase database, FakeTimeProvider time, IDataProtectionProvider protection)
    {
        var services = new ServiceCollection().AddLogging().AddSingleton<TimeProvider>(time).AddSingleton(protection).AddHandrailStore(database.Settings)
            .AddSingleton<AuditKeys>().AddSingleton<AuditDays>().AddSingleton<VerifyAudit>().AddSingleton<SealDays>();
        return new AuditBooks(database, services.BuildServiceProvider(), time);
    }
}

using CsCheck;
using Handrail.Store;
using Handrail.Testing;

namespace Handrail.Audit;

/// <summary>Whatever somebody does to the table by hand, the first record that does not fit is named.</summary>
public sealed class TamperingTests
{
    private const int Records = 24;

    private static readonly string[] Texts = ["actor", "actor_kind", "act", "target", "reason", "before_json", "after_json", "address", "correlation_id", "previous_hash", "hash"];

    /// <summary>What is done, and the first record that shows it.</summary>
    private static readonly Gen<(string[] Sql, long FirstBad)> Deeds = Gen.OneOf(
        Gen.Select(Gen.Int[1, Records], Gen.OneOfConst(Texts), Gen.Bool, (seq, column, longer) =>
            (new[] { $"update audit_records set {column} = {(longer ? $"{column} || 'x'" : "'x'")} where seq = {seq}" }, (long)seq)),
        Gen.Select(Gen.Int[1, Records - 1], (int seq) => (new[] { $"delete from audit_records where seq = {seq}" }, (long)seq)),
        Gen.Select(Gen.Int[1, Records], Gen.Int[1, Records - 1], (one, apart) =>
        {
            var other = ((one - 1 + apart) % Records) + 1;
            return (new[] { $"update audit_records set seq = -1 where seq = {one}", $"update audit_records set seq = {one} where seq = {other}", $"update audit_records set seq = {other} where seq = -1" }, (long)Math.Min(one, other));
        }),
        Gen.Select(Gen.Int[1, Records], Gen.Int[1, Records], (at, like) => (
            new[]
            {
                $"insert into audit_records select -1000, {Columns} from audit_records where seq = {like}",
                $"update audit_records set seq = -(seq + 1) where seq >= {at}",
                "update audit_records set seq = -seq where seq < 0 and seq > -1000",
                $"update audit_records set seq = {at} where seq = -1000",
            },
            at == like ? at + 1L : at)),
        Gen.Select(Gen.Int[1, Records], (int like) => (new[] { $"insert into audit_records select {Records + 1}, {Columns} from audit_records where seq = {like}" }, (long)Records + 1)));

    private const string Columns = "at, actor, actor_kind, act, target, reason, before_json, after_json, address, correlation_id, previous_hash, hash";

    [Theory, Databases]
    public async Task Threat_22_whatever_is_edited_deleted_put_elsewhere_or_put_in_is_found_and_the_first_bad_record_named(DatabaseProvider provider)
    {
        await using var books = await AuditBooks.OpenAsync(provider);
        await books.WriteAsync(Records);
        await books.SqlAsync("create table audit_records_kept as select * from audit_records");
        var tries = LongRun.Wanted ? 1_000 : 100;
        await Deeds.SampleAsync(
            async deed =>
            {
                foreach (var sql in deed.Sql)
                {
                    await books.SqlAsync(sql);
                }

                var found = await books.VerifyAsync();
                await books.SqlAsync("delete from audit_records");
                await books.SqlAsync("insert into audit_records select * from audit_records_kept");
                Assert.Equal((false, deed.FirstBad, deed.FirstBad - 1), (found.Intact, found.FirstBadSeq, found.Records));
            },
            iter: tries, threads: 1);
        Assert.True((await books.VerifyAsync()).Intact);
    }
}

using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using Handrail.Host;
using Handrail.Store;
using Handrail.Testing;

namespace Handrail.Audit;

/// <summary>What the signed heads of days prove that the chain alone can't.</summary>
public sealed class AuditDayTests
{
    [Theory, Databases]
    public async Task Every_day_that_is_over_gets_one_signed_head_however_many_processes_try(DatabaseProvider provider)
    {
        await using var books = await AuditBooks.OpenAsync(provider);
        await books.WriteAsync(3);
        Assert.Equal((0, null), await books.Seals.HandleAsync(CancellationToken.None));

        // Nobody ran on the day between.
        books.Time.Advance(TimeSpan.FromDays(2));
        await books.WriteAsync(2);
        books.Time.Advance(TimeSpan.FromDays(1));
        var others = new[] { books, books.Beside(), books.Beside() };
        var sealing = await Task.WhenAll(others.Select(b => Task.Run(() => b.Seals.HandleAsync(CancellationToken.None))));
        Assert.All(sealing, s => Assert.Null(s.Wrong));
        Assert.Equal((0, null), await books.Seals.HandleAsync(CancellationToken.None));

        var listing = await books.DaysAsync();
        Assert.Equal([new DateOnly(2026, 5, 3), new DateOnly(2026, 5, 1)], listing.Items.Select(d => d.Day));
        Assert.Equal((1L, 3L, 3L), (listing.Items[1].FirstSeq, listing.Items[1].LastSeq, listing.Items[1].Records));
        Assert.Equal((4L, 5L, 2L), (listing.Items[0].FirstSeq, listing.Items[0].LastSeq, listing.Items[0].Records));
        var proof = await books.VerifyAsync();
        Assert.True(proof.Intact, proof.What);
        Assert.Equal((2, 5L), (proof.Days, proof.SealedThrough));
        Assert.Equal(2, await books.Store.ReadAsync(db => Task.FromResult(db.AuditRecords.Count(r => r.Act == "audit.seal")), default));
        foreach (var day in listing.Items)
        {
            Assert.True(IsSignedBy(listing.Keys.Single(k => k.Kid == day.KeyId), day.Head));
        }
    }

    [Theory, Databases]
    public async Task Threat_22_a_chain_that_was_written_anew_with_hashes_that_fit_is_found_by_the_day_s_head(DatabaseProvider provider)
    {
        await using var books = await AuditBooks.OpenAsync(provider);
        await SealedAsync(books);

        await books.ForgeAsync(6, "nothing to see");

        var broken = await books.VerifyAsync();
        Assert.False(broken.Intact);
        Assert.Equal((new DateOnly(2026, 5, 2), 1), (broken.Day, broken.Days));
        Assert.InRange(broken.FirstBadSeq!.Value, 6, 12);
        Assert.Contains("written anew", broken.What);
    }

    [Theory, Databases]
    public async Task Threat_22_a_chain_that_was_cut_off_is_found_by_the_day_s_head(DatabaseProvider provider)
    {
        await using var books = await AuditBooks.OpenAsync(provider);
        await SealedAsync(books);
        var last = (await books.DaysAsync()).Items[0].LastSeq;

        await books.SqlAsync($"delete from audit_records where seq >= {last}");

        var broken = await books.VerifyAsync();
        Assert.Equal((false, last, new DateOnly(2026, 5, 2)), (broken.Intact, broken.FirstBadSeq, broken.Day));
    }

    [Theory, Databases]
    public async Task Threat_22_heads_that_were_changed_taken_away_or_signed_by_another_are_found(DatabaseProvider provider)
    {
        await using var books = await AuditBooks.OpenAsync(provider);
        await SealedAsync(books);
        var heads = (await books.DaysAsync()).Items;

        await books.SqlAsync($"update audit_days set head = '{heads[0].Head}' where day = '2026-05-01'");
        Assert.Contains("2026-05-01 is not the one that was signed", (await books.VerifyAsync()).What);
        await books.SqlAsync("update audit_days set head = 'x.y.z' where day = '2026-05-01'");
        Assert.Contains("2026-05-01 is not signed by a key of this console", (await books.VerifyAsync()).What);
        await books.SqlAsync("delete from audit_days where day = '2026-05-01'");
        Assert.Contains("before that of 2026-05-02 is gone", (await books.VerifyAsync()).What);
        await books.SqlAsync("delete from audit_days");
        Assert.Contains("2026-05-01, of which record", (await books.VerifyAsync()).What);

        // A key of one's own in the table makes no head of this console.
        using var foreign = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var point = foreign.ExportParameters(false).Q;
        await books.SqlAsync($"update audit_keys set x = '{Base64Url.EncodeToString(point.X)}', y = '{Base64Url.EncodeToString(point.Y)}'");
        var forged = new AuditHead(heads[1].Day, heads[1].FirstSeq, heads[1].LastSeq, heads[1].Records, heads[1].LastHash, AuditChain.Genesis).Sign(heads[1].KeyId!, foreign);
        await books.SqlAsync($"insert into audit_days (day, last_seq, head, sealed_at) select '2026-05-01', {heads[1].LastSeq}, '{forged}', at from audit_records where seq = 1");
        Assert.Contains("2026-05-01 is not signed by a key of this console", (await books.VerifyAsync()).What);
    }

    [Theory, Databases]
    public async Task Threat_22_a_head_that_was_kept_elsewhere_shows_what_was_written_anew_with_all_that_stands_here(DatabaseProvider provider)
    {
        await using var books = await AuditBooks.OpenAsync(provider);
        await SealedAsync(books);
        var kept = (await books.DaysAsync()).Items.Select(d => d.Head).ToArray();
        Assert.True((await books.VerifyAsync(kept)).Intact);

        // Whoever has the console's keys as well writes everything anew, and has it sealed again.
        await books.SqlAsync("delete from audit_days");
        await books.SqlAsync("delete from audit_records where act = 'audit.seal'");
        await books.SqlAsync("update audit_records set seq = 1000 + seq");
        var left = await books.Store.ReadAsync(db => Task.FromResult(db.AuditRecords.OrderBy(r => r.Seq).Select(r => r.Seq).ToList()), default);
        foreach (var (seq, number) in left.Select((s, i) => (s, i + 1)))
        {
            await books.SqlAsync($"update audit_records set seq = {number} where seq = {seq}");
        }

        await books.ForgeAsync(1, "nothing to see");
        Assert.Equal(2, (await books.Seals.HandleAsync(CancellationToken.None)).Sealed);
        Assert.True((await books.VerifyAsync()).Intact);

        var broken = await books.VerifyAsync(kept);
        Assert.Equal((false, new DateOnly(2026, 5, 1)), (broken.Intact, broken.Day));
        Assert.Contains("not signed by a key of this console", (await books.VerifyAsync("eyJ.eyJ.eyJ")).What);
    }

    [Theory, Databases]
    public async Task A_chain_that_does_not_hold_is_not_sealed(DatabaseProvider provider)
    {
        await using var books = await AuditBooks.OpenAsync(provider);
        await books.WriteAsync(5);
        await books.SqlAsync("update audit_records set actor = 'somebody' where seq = 4");
        books.Time.Advance(TimeSpan.FromDays(1));

        var (done, wrong) = await books.Seals.HandleAsync(CancellationToken.None);

        Assert.Equal((0, "Record 4 is not what was written."), (done, wrong));
        Assert.Empty((await books.DaysAsync()).Items);
    }

    [Theory, Databases]
    public async Task Auditors_fetch_the_heads_and_the_keys_and_compare_those_that_they_kept(DatabaseProvider provider)
    {
        await using var host = await ConsoleHost.StartAsync(provider);
        var auditor = (await host.PersonAsync("Auditor")).Client;
        var empty = (await auditor.ReadAsync("/api/v1/audit/days")).Expect(200);
        Assert.Equal(0, empty["items"].GetArrayLength());

        var compared = (await auditor.PostAsync("/api/v1/audit/verify", new { heads = new[] { "nonsense" } })).Expect(200);
        Assert.False(compared["intact"].GetBoolean());
        Assert.Contains("not signed by a key of this console", compared.Text("what"));
        var refused = (await auditor.PostAsync("/api/v1/audit/verify", new { })).Expect(400);
        Assert.True(refused["errors"].TryGetProperty("heads", out _));
        (await auditor.ReadAsync("/api/v1/audit/days?cursor=yesterday")).Expect(400);
    }

    /// <summary>Two days of some records each, sealed, and a third that goes on.</summary>
    private static async Task SealedAsync(AuditBooks books)
    {
        for (var day = 0; day < 2; day++)
        {
            await books.WriteAsync(5);
            books.Time.Advance(TimeSpan.FromDays(1));
            Assert.Equal((1, null), await books.Seals.HandleAsync(CancellationToken.None));
        }

        await books.WriteAsync(2);
    }

    /// <summary>As anybody would who has the key alone.</summary>
    private static bool IsSignedBy(PublicAuditKey key, string head)
    {
        var parts = head.Split('.');
        using var verifier = ECDsa.Create(new ECParameters
        {
            Curve = ECCurve.NamedCurves.nistP256, Q = new ECPoint { X = Base64Url.DecodeFromChars(key.X), Y = Base64Url.DecodeFromChars(key.Y) },
        });
        return verifier.VerifyData(
            Encoding.ASCII.GetBytes($"{parts[0]}.{parts[1]}"), Base64Url.DecodeFromChars(parts[2]), HashAlgorithmName.SHA256, DSASignatureFormat.IeeeP1363FixedFieldConcatenation);
    }
}

using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Handrail.Host;
using Handrail.Store;
using Handrail.Testing;

namespace Handrail.Audit;

/// <summary>The record as a file, for whoever keeps or checks it outside.</summary>
public sealed class AuditExportTests
{
    [Theory, Databases]
    public async Task The_file_alone_proves_that_the_chain_holds_and_who_took_it_is_on_record(DatabaseProvider provider)
    {
        await using var host = await ConsoleHost.StartAsync(provider);
        await host.FleetPolicyAsync(new { autonomy = "suggest" });
        (await host.Admin.PostAsync("/api/v1/keys", new { name = "Schlüssel <1> + 日本 😀" })).Expect(200);

        using var answer = await host.Admin.GetAsync("/api/v1/audit/export?format=jsonl");
        var lines = (await answer.EnsureSuccessStatusCode().Content.ReadAsStringAsync()).Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(l => JsonText.Element(l)!.Value).ToList();

        Assert.Equal("application/jsonl", answer.Content.Headers.ContentType!.MediaType);
        Assert.Matches("^audit-[0-9]{8}-[0-9]{6}\\.jsonl$", answer.Content.Headers.ContentDisposition!.FileName!);
        Assert.True(lines.Count > 2);
        var previous = new string('0', 64);
        foreach (var line in lines)
        {
            var hashed = line.GetProperty("hashed").GetString()!;
            var members = JsonText.Element(hashed)!.Value.EnumerateArray().ToList();
            Assert.Equal(Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(hashed))), line.GetProperty("hash").GetString());
            Assert.Equal(previous, line.GetProperty("previous_hash").GetString());
            Assert.Equal(previous, members[^1].GetString());
            Assert.Equal(line.GetProperty("seq").GetInt64(), members[0].GetInt64());
            Assert.Equal(TimeColumns.ToMicros(line.GetProperty("at").GetDateTimeOffset()), members[1].GetInt64());
            Assert.Equal(new[] { "actor", "actor_kind", "act", "target", "reason" }.Select(m => line.GetProperty(m).GetString()), members[2..7].Select(m => m.GetString()));
            Assert.Equal(line.GetProperty("after").ToString(), members[8].ValueKind == JsonValueKind.Null ? "" : JsonText.Element(members[8].GetString())!.Value.ToString());
            previous = line.GetProperty("hash").GetString();
        }

        var record = Assert.Single((await host.Admin.ReadAsync("/api/v1/audit?act=audit.export")).Expect(200)["items"].EnumerateArray());
        Assert.Equal((Access.Bootstrap.AdminEmail, "jsonl"), (record.GetProperty("actor").GetString(), record.GetProperty("after").GetProperty("format").GetString()));
        Assert.Equal(lines.Count + 1, record.GetProperty("seq").GetInt64());
    }

    [Theory, Databases]
    public async Task Threat_26_no_cell_of_the_audit_s_file_is_a_formula(DatabaseProvider provider)
    {
        await using var host = await ConsoleHost.StartAsync(provider);
        await host.FleetPolicyAsync(new { autonomy = "suggest" });
        var asked = (await host.Agent.PostAsync("/api/v1/sessions/s-1/actions", new { action_id = "a-1", agent = "desk", type = "t" })).Expect(200);
        (await host.Admin.PostAsync($"/api/v1/handoffs/{asked.Text("handoff_id")}/reject", new { reason = "=cmd|'/c calc'!A1" })).Expect(200);
        foreach (var reason in new[] { "+1+1", "-2+3", "@SUM(A1)", "\t=1", "＝1+1" })
        {
            (await host.Admin.PostAsync("/api/v1/agents/desk/pause", new { reason })).Expect(200);
            (await host.Admin.PostAsync("/api/v1/agents/desk/resume", new { reason = "goes on, \"quoted\", on\ntwo lines" })).Expect(200);
        }

        var file = await host.Admin.GetStringAsync("/api/v1/audit/export?format=csv");
        var rows = Cells(file);

        Assert.Equal("seq,at,actor,actor_kind,act,target,reason,before,after,address,correlation_id,previous_hash,hash".Split(','), rows[0]);
        Assert.All(rows, row => Assert.Equal(13, row.Count));
        Assert.All(rows.SelectMany(r => r), cell => Assert.DoesNotMatch("^[=+@\t\r＝＋－＠-]", cell));
        Assert.Contains(rows, r => r[6] == "'=cmd|'/c calc'!A1");
        Assert.Contains(rows, r => r[6] == "goes on, \"quoted\", on\ntwo lines");
    }

    [Theory, Databases]
    public async Task A_file_has_what_the_list_would_have_the_oldest_first_however_much_it_is(DatabaseProvider provider)
    {
        await using var host = await ConsoleHost.StartAsync(provider);
        var store = host.Services<HandrailStore>();
        for (var portion = 0; portion < 5; portion++)
        {
            await store.WriteAsync(
                unit =>
                {
                    for (var i = 0; i < 500; i++)
                    {
                        unit.Record(new AuditEntry(Access.Caller.System, i % 2 == 0 ? "test.even" : "test.odd", $"test:{i % 5}"));
                    }

                    return Task.CompletedTask;
                },
                CancellationToken.None);
        }

        var all = await SeqsAsync(host, "");
        Assert.Equal(Enumerable.Range(1, all.Count).Select(i => (long)i), all);
        Assert.True(all.Count > 2_500);
        Assert.Equal(1_250, (await SeqsAsync(host, "&act=test.even")).Count);
        Assert.Equal(2_500, (await SeqsAsync(host, "&act=test.*&actor=Handrail")).Count);
        Assert.Equal(250, (await SeqsAsync(host, "&act=test.odd&target=test:1")).Count);
        Assert.Empty(await SeqsAsync(host, "&act=test.odd&since=2100-01-01T00:00:00Z"));
        Assert.Empty(await SeqsAsync(host, "&until=2000-01-01T00:00:00Z"));
        var refused = (await host.Admin.ReadAsync("/api/v1/audit/export")).Expect(400);
        Assert.True(refused["errors"].TryGetProperty("format", out _), refused.Body.ToString());
        (await host.Admin.ReadAsync("/api/v1/audit/export?format=csv&since=yesterday")).Expect(400);
    }

    private static async Task<List<long>> SeqsAsync(ConsoleHost host, string query) =>
        [.. (await host.Admin.GetStringAsync($"/api/v1/audit/export?format=csv{query}")).Split("\r\n", StringSplitOptions.RemoveEmptyEntries).Skip(1)
            .Select(l => long.Parse(l.AsSpan(0, l.IndexOf(',', StringComparison.Ordinal)), CultureInfo.InvariantCulture))];

    /// <summary>As RFC 4180 has it, read by hand: quotes are doubled within quotes, and lines may break there.</summary>
    private static List<List<string>> Cells(string file)
    {
        var (rows, row, cell, quoted) = (new List<List<string>>(), new List<string>(), new StringBuilder(), false);
        for (var i = file[0] == '\uFEFF' ? 1 : 0; i < file.Length; i++)
        {
            switch (file[i])
            {
                case '"' when quoted && i + 1 < file.Length && file[i + 1] == '"':
                    cell.Append(file[++i]);
                    break;
                case '"':
                    quoted = !quoted;
                    break;
                case ',' or '\r' when !quoted:
                    row.Add(cell.ToString());
                    cell.Clear();
                    break;
                case '\n' when !quoted:
                    rows.Add(row);
                    row = [];
                    break;
                case var letter:
                    cell.Append(letter);
                    break;
            }
        }

        return rows;
    }
}

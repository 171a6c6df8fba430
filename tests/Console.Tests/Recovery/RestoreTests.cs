using Handrail.Host;
using Handrail.Store;
using Handrail.Testing;
using Microsoft.AspNetCore.Hosting;

namespace Handrail.Recovery;

/// <summary>A console that works on a database which came back starts with its fleet paused; what it can't know by itself it can be told.</summary>
public sealed class RestoreTests
{
    [Theory, Databases]
    public async Task Whoever_starts_the_console_can_say_that_its_database_was_restored(DatabaseProvider provider)
    {
        await using var database = await TestDatabase.CreateAsync(provider);
        var folder = Directory.CreateTempSubdirectory("handrail-restored-").FullName;
        await using (var host = await ConsoleHost.StartAsync(database, h => h.UseSetting("Data:Directory", folder)))
        {
            await host.FleetPolicyAsync(new { autonomy = "autonomous" });
            Assert.Equal("allow", await AskAsync(host, "a-1"));
        }

        await using (var host = await ConsoleHost.StartAsync(database, h => h.UseSetting("Data:Directory", folder).UseSetting("Data:Restored", "true")))
        {
            Assert.Equal("held", await AskAsync(host, "a-2"));

            // What was let go before may have been carried out since.
            (await host.Agent.PostAsync("/api/v1/sessions/s-1/actions/a-1/claim", new { })).Expect(409);
            var record = Assert.Single((await host.Admin.ReadAsync("/api/v1/audit?act=console.restored")).Expect(200)["items"].EnumerateArray());
            Assert.Contains("whoever started the console says so", record.GetProperty("reason").GetString(), StringComparison.Ordinal);
            (await host.Admin.PostAsync("/api/v1/fleet/resume", new { reason = "looked through it" })).Expect(200);
            Assert.Equal("allow", await AskAsync(host, "a-3"));
        }

        await using (var host = await ConsoleHost.StartAsync(database, h => h.UseSetting("Data:Directory", folder)))
        {
            Assert.Equal("allow", await AskAsync(host, "a-4"));
        }

        Directory.Delete(folder, recursive: true);
    }

    [Theory, Databases]
    public async Task A_database_that_is_put_back_while_the_console_runs_pauses_the_fleet(DatabaseProvider provider)
    {
        await using var host = await ConsoleHost.StartAsync(provider);
        await host.FleetPolicyAsync(new { autonomy = "autonomous" });
        var restore = host.Services<RecogniseRestore>();
        var older = await LifeAsync(host);
        await restore.BeatAsync(default);
        await restore.BeatAsync(default);
        Assert.Equal("allow", await AskAsync(host, "a-1"));

        await host.Services<HandrailStore>().WriteAsync(
            async unit =>
            {
                var row = await unit.Db.LockSettingAsync(RecogniseRestore.Setting, default);
                unit.Set(row, RecogniseRestore.Setting, older, "somebody at the database");
            },
            default);
        await restore.BeatAsync(default);

        Assert.Equal("held", await AskAsync(host, "a-2"));
        Assert.Single((await host.Admin.ReadAsync("/api/v1/audit?act=console.restored")).Expect(200)["items"].EnumerateArray());
    }

    [Fact]
    public async Task A_backup_says_what_is_wrong_with_the_call_and_never_writes_over_a_file()
    {
        var folder = Directory.CreateTempSubdirectory("handrail-backup-").FullName;
        var taken = Path.Combine(folder, "taken.db");
        await File.WriteAllTextAsync(taken, "a backup of yesterday");
        var data = $"--Data:Directory={folder}";
        Assert.Equal((2, "usage: --backup FILE [--Data:Directory=FOLDER]"), await BackUpAsync("--backup"));
        Assert.Equal((2, "usage: --backup FILE [--Data:Directory=FOLDER]"), await BackUpAsync("--backup", data));
        Assert.Equal((1, $"There is no {Path.Combine(folder, "handrail.db")}: name the console's data folder with --Data:Directory."), await BackUpAsync("--backup", Path.Combine(folder, "new.db"), data));
        await File.WriteAllTextAsync(Path.Combine(folder, "handrail.db"), "no database at all, but a file of this name that is long enough to be one");
        Assert.Equal((1, $"{taken} is there already."), await BackUpAsync("--backup", taken, data));
        Assert.Equal(1, (await BackUpAsync("--backup", Path.Combine(folder, "new.db"), data)).Code);
        Assert.Equal("a backup of yesterday", await File.ReadAllTextAsync(taken));
        Assert.False(File.Exists(Path.Combine(folder, "new.db")));
        Directory.Delete(folder, recursive: true);
    }

    private static async Task<(int Code, string Said)> BackUpAsync(params string[] args)
    {
        using var errors = new StringWriter();
        var code = await BackupSwitch.RunAsync(args, TextWriter.Null, errors);
        return (code, errors.ToString().Trim());
    }

    /// <summary>The verdict; "held" where the fleet is.</summary>
    private static async Task<string> AskAsync(ConsoleHost host, string action)
    {
        var answer = (await host.Agent.PostAsync("/api/v1/sessions/s-1/actions", new { action_id = action, agent = "desk", type = "note.write" })).Expect(200, 409);
        return answer.Status == 409 ? "held" : answer.Text("verdict");
    }

    private static async Task<string> LifeAsync(ConsoleHost host) =>
        await host.Services<HandrailStore>().ReadAsync(async db => (await db.Settings.FindAsync(RecogniseRestore.Setting))!.Json, default);
}

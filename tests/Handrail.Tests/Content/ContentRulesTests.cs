using System.Text.Json;
using Handrail.Access;
using Handrail.Ingest;
using Handrail.Sessions;
using Handrail.Store;
using Handrail.Telemetry;
using Handrail.Testing;
using Microsoft.EntityFrameworkCore;
using Xunit;

namespace Handrail.Content;

/// <summary>What the rules name is not stored, by whichever way it comes.</summary>
public sealed class ContentRulesTests
{
    private const string Card = "4111 1111 1111 1111";

    [Theory, Databases]
    public async Task Threat_25_What_the_rules_name_never_reaches_the_database(DatabaseProvider provider)
    {
        await using var intake = await Intake.OpenAsync(provider);
        var rules = new RedactionRules(Cards: true, Emails: true, Keys: true, ["ACME-*"]);
        await intake.Get<ContentRules>().ChangeAsync(Intake.Person, new ContentSettings { Redaction = rules }, 0, default);

        await intake.SendAsync(Spans.Call(0) with
        {
            SessionId = "s-1",
            Failed = true,
            ErrorMessage = $"card {Card} was refused",
            InputMessages = $$"""[{"role":"user","content":"I am ann@example.com,\nproject acme-42, {{Card}}"}]""",
            AttributesJson = """{"attributes":{"api":"sk-proj-abcdefghijklmnopqrstuvwx"}}""",
        });
        await intake.Get<AddMessages>().HandleAsync(Intake.Team(), "s-1", [new TranscriptLine("m-1", "user", $"pay with {Card}", Spans.Noon)], default);

        var content = await intake.Get<StepQueries>().ContentAsync(Intake.Person, Spans.Trace, Spans.Id(0), default);
        Assert.Equal("""[{"role":"user","content":"I am [e-mail address removed],\nproject [removed], [card number removed]"}]""", content!.InputMessages);
        Assert.Equal("[key removed]", content.Attributes!.Value.GetProperty("attributes").GetProperty("api").GetString());
        Assert.Equal("card [card number removed] was refused", await intake.ReadAsync(db => db.Steps.Select(s => s.ErrorMessage).SingleAsync()));
        Assert.Equal("pay with [card number removed]", await intake.ReadAsync(db => db.Messages.Select(m => m.Text).SingleAsync()));
        Assert.DoesNotContain("4111", JsonSerializer.Serialize(content), StringComparison.Ordinal);
    }

    [Theory, Databases]
    public async Task Rules_are_the_administrators_and_a_change_names_the_version_it_saw(DatabaseProvider provider)
    {
        await using var intake = await Intake.OpenAsync(provider);
        var rules = intake.Get<ContentRules>();
        var reviewer = Intake.Person with { Roles = new HashSet<string> { Permissions.Reviewer } };

        Assert.Equal(RefusalKind.NotAllowed, (await Assert.ThrowsAsync<Refusal>(() => rules.ChangeAsync(reviewer, ContentSettings.Default, 0, default))).Kind);
        Assert.Equal(RefusalKind.NotAllowed, (await Assert.ThrowsAsync<Refusal>(() => rules.ReadAsync(reviewer, default))).Kind);
        var changed = await rules.ChangeAsync(Intake.Person, ContentSettings.Default with { ContentDays = 7 }, 0, default);
        Assert.Equal(RefusalKind.Stale, (await Assert.ThrowsAsync<Refusal>(() => rules.ChangeAsync(Intake.Person, ContentSettings.Default, 0, default))).Kind);

        Assert.Equal((1, 7), (changed.Version, (await rules.ReadAsync(Intake.Person, default)).Settings.ContentDays));
        Assert.Equal("settings.content", await intake.ReadAsync(db => db.AuditRecords.OrderByDescending(r => r.Seq).Select(r => r.Act).FirstAsync()));
    }

    [Theory, Databases]
    public async Task A_rule_that_can_not_hold_is_refused_by_name(DatabaseProvider provider)
    {
        await using var intake = await Intake.OpenAsync(provider);
        var rules = intake.Get<ContentRules>();
        async Task<Refusal> Refused(ContentSettings settings) => await Assert.ThrowsAsync<Refusal>(() => rules.ChangeAsync(Intake.Person, settings, 0, default));

        Assert.Contains("content_days", (await Refused(new ContentSettings { ContentDays = 0 })).Errors.Keys);
        Assert.Contains("step_days", (await Refused(new ContentSettings { StepDays = 40_000 })).Errors.Keys);
        Assert.Contains("redaction.patterns[1]", (await Refused(new ContentSettings { Redaction = RedactionRules.Default with { Patterns = ["ACME-*", "*"] } })).Errors.Keys);
    }

    [Theory, Databases]
    public async Task Another_processs_rules_hold_here_within_seconds(DatabaseProvider provider)
    {
        await using var intake = await Intake.OpenAsync(provider);
        await using var beside = await intake.BesideAsync();
        Assert.Equal("acme-42", (await intake.Get<ContentRules>().RedactionAsync(default)).Redact("acme-42"));

        await beside.Get<ContentRules>().ChangeAsync(Intake.Person, new ContentSettings { Redaction = RedactionRules.Default with { Patterns = ["acme-*"] } }, 0, default);
        intake.Time.Advance(ContentRules.LooksAgain);

        Assert.Equal("[removed]", (await intake.Get<ContentRules>().RedactionAsync(default)).Redact("acme-42"));
    }
}

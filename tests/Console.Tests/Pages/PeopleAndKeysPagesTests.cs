using Bunit;
using Handrail.Access;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Xunit;

namespace Handrail.Pages;

/// <summary>An administrator says who may do what, and with which keys agents call.</summary>
public sealed class PeopleAndKeysPagesTests : PageContext
{
    protected override string Role => Permissions.Administrator;

    [Fact]
    public async Task A_person_is_added_with_roles_and_scopes_and_found_again()
    {
        var page = Open<PeoplePage>();
        On(page, () => page.FindAll("button").Single(b => b.TextContent == "Add a person"), e => e.Click());
        Fill(page, "E-mail address", "mara@example.com");
        Fill(page, "Password", "a-long-password-7");
        Fill(page, "Data scopes", "claims, health");
        On(page, () => RoleBox("Reviewer", page), e => e.Change(true));
        On(page, () => page.Find("form"), e => e.Submit());

        page.WaitForAssertion(() => Assert.Contains("mara@example.com", page.Find(".cards").TextContent, StringComparison.Ordinal));
        Assert.Contains("Reviewer", page.Find(".cards p").TextContent, StringComparison.Ordinal);
        var person = await ReadAsync(db => db.Users.SingleAsync());
        Assert.Equal("""["claims","health"]""", person.DataScopesJson);
        Assert.DoesNotContain("a-long-password-7", person.PasswordHash, StringComparison.Ordinal);

        page.Find("input[type=search]").Input("nobody");
        page.WaitForAssertion(() => Assert.Contains("Nobody matches", page.Markup, StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_person_is_given_a_role_over_one_teams_agents_and_what_limits_nothing_is_refused()
    {
        var people = Services.GetRequiredService<People>();
        await people.CreateAsync(Caller.System, "mara@example.com", new PersonChange("Mara", [Permissions.Viewer], null, "a-long-password-7"), default);
        await people.CreateAsync(Caller.System, "root@example.com", new PersonChange("Root", [Permissions.Administrator], null, "a-long-password-7"), default);
        var page = Open<PeoplePage>();
        On(page, () => page.Find("[aria-label='Change mara@example.com']"), e => e.Click());
        On(page, () => page.FindAll("button").Single(b => b.TextContent == "Add a role over some agents"), e => e.Click());
        On(page, () => page.Find("form"), e => e.Submit());
        page.WaitForAssertion(() => Assert.Contains("limits Reviewer to nothing", page.Find(".error").TextContent, StringComparison.Ordinal));

        On(page, () => page.Find("[aria-label='Team that Reviewer is limited to']"), e => e.Change("support"));
        On(page, () => page.Find("[aria-label='Agents that Reviewer is limited to']"), e => e.Change("desk, refunds"));
        On(page, () => page.Find("form"), e => e.Submit());
        page.WaitForAssertion(() => Assert.Contains("Viewer · Reviewer of desk, refunds in the team support", page.Find(".cards p").TextContent, StringComparison.Ordinal));
        var person = await ReadAsync(db => db.Users.SingleAsync(p => p.Email == "mara@example.com"));
        Assert.Equal("""[{"role":"Reviewer","team":"support","agents":["desk","refunds"]}]""", person.LimitedRolesJson);

        page.Find("input[type=search]").Input("refunds");
        page.WaitForAssertion(() => Assert.Contains("mara@example.com", page.Find(".cards").TextContent, StringComparison.Ordinal));
        On(page, () => page.Find("[aria-label='Change mara@example.com']"), e => e.Click());
        page.Find("input[type=search]").Input("");
        On(page, () => page.Find("[aria-label='Take Reviewer of support desk, refunds away']"), e => e.Click());
        On(page, () => page.Find("form"), e => e.Submit());
        page.WaitForAssertion(() => Assert.DoesNotContain("support", page.Find(".cards p").TextContent, StringComparison.Ordinal));
    }

    [Fact]
    public void What_is_wrong_is_said_at_its_field_and_nothing_is_lost()
    {
        var page = Open<PeoplePage>();
        On(page, () => page.FindAll("button").Single(b => b.TextContent == "Add a person"), e => e.Click());
        Fill(page, "E-mail address", "no address");
        Fill(page, "Password", "short");
        On(page, () => page.Find("form"), e => e.Submit());

        page.WaitForAssertion(() => Assert.Equal(
            ["E-mail address must be an e-mail address.", $"Password must have at least {People.ShortestPassword} characters."], page.FindAll(".error").Select(e => e.TextContent)));
        Assert.Equal("no address", Field(page, "E-mail address").GetAttribute("value"));
    }

    [Fact]
    public async Task A_token_is_shown_once_and_can_be_revoked_and_the_last_administrator_stays()
    {
        var page = Open<PeoplePage>();
        await Services.GetRequiredService<People>().CreateAsync(Caller.System, "root@example.com", new PersonChange("Root", [Permissions.Administrator], null, "a-long-password-7"), default);
        page.WaitForAssertion(() => Assert.Contains("root@example.com", page.Markup, StringComparison.Ordinal));

        On(page, () => page.Find("[aria-label='New token for root@example.com']"), e => e.Click());
        Confirm("deploy script");
        page.WaitForAssertion(() => Assert.Contains(Secrets.PersonPrefix, page.Find(".secret").TextContent, StringComparison.Ordinal));
        On(page, () => page.Find(".secret button.field"), e => e.Click());
        page.WaitForAssertion(() => Assert.DoesNotContain(Secrets.PersonPrefix, page.Markup, StringComparison.Ordinal));
        Assert.Contains("deploy script", page.Find(".tokens").TextContent, StringComparison.Ordinal);

        On(page, () => page.Find("[aria-label='Revoke the token deploy script of root@example.com']"), e => e.Click());
        Yes();
        page.WaitForAssertion(() => Assert.Empty(page.FindAll(".tokens")));

        On(page, () => page.Find("[aria-label='Remove root@example.com']"), e => e.Click());
        Yes();
        Said.WaitForAssertion(() => Assert.Contains("last administrator", Said.Markup, StringComparison.Ordinal));
        Assert.Contains("root@example.com", page.Markup, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_second_factor_that_was_lost_is_taken_away_and_one_is_demanded_of_everybody()
    {
        await Services.GetRequiredService<People>().CreateAsync(Caller.System, "mara@example.com", new PersonChange("Mara", [Permissions.Viewer], null, "a-long-password-7"), default);
        var mara = new Caller { Kind = CallerKind.Person, Id = (await ReadAsync(db => db.Users.SingleAsync())).Id, Name = "mara@example.com" };
        var factors = Services.GetRequiredService<SecondFactors>();
        var begun = await factors.BeginAsync(mara, default);
        await factors.ConfirmAsync(mara, "a-long-password-7", new Authenticator(begun.Secret.Replace(" ", "", StringComparison.Ordinal), Time).Code, default);
        var page = Open<PeoplePage>();

        On(page, () => page.Find("[aria-label='Reset the second factor of mara@example.com']"), e => e.Click());
        Yes();
        page.WaitForAssertion(() => Assert.Empty(page.FindAll("[aria-label^='Reset the second factor']")));
        Assert.Empty(await ReadAsync(db => db.SecondFactors.ToListAsync()));

        On(page, () => page.Find(".rule input"), e => e.Change(true));
        Yes();
        page.WaitForAssertion(() => Assert.True(page.Find(".rule input").HasAttribute("checked")));
        Assert.Contains("1 person has none", page.Find(".rule").TextContent, StringComparison.Ordinal);
        Assert.True(await ReadAsync(db => Services.GetRequiredService<SignInRules>().OwesSecondFactorAsync(db, mara.Id, default)));
    }

    [Fact]
    public async Task A_key_is_made_for_one_agent_replaced_with_an_overlap_and_revoked()
    {
        var page = Open<KeysPage>();
        page.WaitForAssertion(() => Assert.Contains("No key that holds", page.Markup, StringComparison.Ordinal));
        On(page, () => page.FindAll("button").Single(b => b.TextContent == "Make a key"), e => e.Click());
        Fill(page, "Days until it ends", "never");
        On(page, () => page.Find("form"), e => e.Submit());
        page.WaitForAssertion(() => Assert.Equal(2, page.FindAll(".error").Count));
        Fill(page, "Name", "desk in production");
        Fill(page, "Agents", "desk");
        Fill(page, "Days until it ends", "30");
        On(page, () => page.Find("form"), e => e.Submit());
        page.WaitForAssertion(() => Assert.Contains(Secrets.AgentPrefix, page.Find(".secret").TextContent, StringComparison.Ordinal));
        Assert.Equal(["desk in production"], page.FindAll("tbody th").Select(h => h.TextContent));

        On(page, () => page.Find("[aria-label='Replace desk in production']"), e => e.Click());
        Yes();
        page.WaitForAssertion(() => Assert.Equal(2, page.FindAll("tbody tr").Count));
        var keys = await ReadAsync(db => db.AgentKeys.OrderBy(k => k.ExpiresAt).ToListAsync());
        Assert.Equal(Now + Keys.DefaultOverlap, keys[0].ExpiresAt);
        Assert.Equal((Now + TimeSpan.FromDays(30), """["desk"]"""), (keys[1].ExpiresAt!.Value, keys[1].AgentsJson));

        On(page, () => page.FindAll("[aria-label='Revoke desk in production']")[0], e => e.Click());
        Yes();
        page.WaitForAssertion(() => Assert.Single(page.FindAll("tbody tr")));
        page.Find(".head input[type=checkbox]").Change(true);
        page.WaitForAssertion(() => Assert.Contains("Revoked", page.Find("tbody").TextContent, StringComparison.Ordinal));
    }

    private void Yes() => On(Dialogs, () => Dialogs.FindAll(".mud-dialog-actions button")[^1], e => e.Click());

    private static AngleSharp.Dom.IElement RoleBox(string role, IRenderedComponent<Microsoft.AspNetCore.Components.IComponent> page) =>
        page.FindAll("fieldset label").Single(l => l.TextContent.Trim() == role).QuerySelector("input")!;

    private static AngleSharp.Dom.IElement Field(IRenderedComponent<Microsoft.AspNetCore.Components.IComponent> page, string label) =>
        page.Find("#" + page.FindAll("label").Single(l => l.TextContent == label).GetAttribute("for"));

    private static void Fill(IRenderedComponent<Microsoft.AspNetCore.Components.IComponent> page, string label, string value) => On(page, () => Field(page, label), e => e.Change(value));
}

/// <summary>The pages for administrators, looked at by somebody who is none.</summary>
public sealed class PeopleAndKeysPagesRefused : PageContext
{
    [Fact]
    public async Task An_owner_of_a_team_sees_and_makes_its_keys_alone()
    {
        var keys = Services.GetRequiredService<Keys>();
        await keys.IssueAsync(Caller.System, "desk in production", "support", null, null, default);
        await keys.IssueAsync(Caller.System, "wires in production", "payments", null, null, default);
        Claim((PersonClaims.LimitedRole, """{"role":"Owner","team":"support"}"""));

        var page = Open<KeysPage>();
        page.WaitForAssertion(() => Assert.Equal(["desk in production"], page.FindAll("tbody th").Select(h => h.TextContent)));
        Assert.Empty(page.FindAll(".settings-nav"));
        On(page, () => page.FindAll("button").Single(b => b.TextContent == "Make a key"), e => e.Click());
        Assert.Equal(["support"], page.FindAll("#key-team option").Select(o => o.TextContent));
        On(page, () => page.Find("#" + page.FindAll("label").Single(l => l.TextContent == "Name").GetAttribute("for")), e => e.Change("desk in test"));
        On(page, () => page.Find("form"), e => e.Submit());
        page.WaitForAssertion(() => Assert.Contains(Secrets.AgentPrefix, page.Find(".secret").TextContent, StringComparison.Ordinal));
        Assert.Equal("support", (await ReadAsync(db => db.AgentKeys.SingleAsync(k => k.Name == "desk in test"))).Team);
    }

    [Fact]
    public void Who_is_no_administrator_sees_neither_people_nor_keys()
    {
        var people = Open<PeoplePage>();
        people.WaitForAssertion(() => Assert.Contains("This page is not for you", people.Markup, StringComparison.Ordinal));
        var keys = Render<KeysPage>();
        keys.WaitForAssertion(() => Assert.Contains("This page is not for you", keys.Markup, StringComparison.Ordinal));
    }
}

using System.Globalization;
using Handrail.Agents;
using Handrail.Shell;

namespace Handrail.Access;

/// <summary>People, tokens, keys and the registry, so that set-up can be a script.</summary>
public static class AdministrationEndpoints
{
    public static void MapAdministration(this IEndpointRouteBuilder routes)
    {
        var admin = routes.MapGroup("/api/v1").RequireAuthorization(Doors.People).WithTags("Administration");
        admin.MapPost("/users", CreateAsync);
        admin.MapGet("/users", async (HttpContext context, People people, CancellationToken cancel) =>
            Results.Ok(new { Items = await people.ListAsync(context.Caller(), cancel), NextCursor = (string?)null }));
        admin.MapGet("/users/{email}", async (string email, HttpContext context, People people, CancellationToken cancel) =>
            Results.Ok(await people.OneAsync(context.Caller(), email, cancel)));
        admin.MapPatch("/users/{email}", ChangeAsync);
        admin.MapDelete("/users/{email}", async (string email, HttpContext context, People people, CancellationToken cancel) =>
        {
            await people.RemoveAsync(context.Caller(), email, cancel);
            return Results.NoContent();
        });
        admin.MapPost("/users/{email}/sign-out", async (string email, HttpContext context, People people, CancellationToken cancel) =>
        {
            await people.SignOutEverywhereAsync(context.Caller(), email, cancel);
            return Results.NoContent();
        });
        admin.MapDelete("/users/{email}/second-factor", async (string email, HttpContext context, SecondFactors factors, CancellationToken cancel) =>
        {
            await factors.ResetAsync(context.Caller(), email, cancel);
            return Results.NoContent();
        });
        admin.MapPost("/users/{email}/tokens", TokenAsync);
        admin.MapDelete("/users/{email}/tokens/{id}", async (string email, string id, HttpContext context, People people, CancellationToken cancel) =>
        {
            await people.RevokeTokenAsync(context.Caller(), email, id, cancel);
            return Results.NoContent();
        });
        admin.MapPost("/keys", KeyAsync);
        admin.MapGet("/keys", async (HttpContext context, Keys keys, CancellationToken cancel) =>
            Results.Ok(new { Items = await keys.ListAsync(context.Caller(), cancel), NextCursor = (string?)null }));
        admin.MapDelete("/keys/{id}", async (string id, HttpContext context, Keys keys, CancellationToken cancel) =>
        {
            await keys.RevokeAsync(context.Caller(), id, cancel);
            return Results.NoContent();
        }).WithMetadata(new NeverLimited());
        admin.MapPost("/keys/{id}/rotate", RotateAsync);
        admin.MapPut("/agents/{agent}", RegisterAsync);
        admin.MapPut("/principals/{user}", PrincipalAsync);
        admin.MapGet("/settings/sign-in", async (HttpContext context, SignInRules rules, CancellationToken cancel) => Answer(context, await rules.ReadAsync(context.Caller(), cancel)));
        admin.MapPut("/settings/sign-in", RulesAsync);
    }

    private static async Task<IResult> CreateAsync(HttpContext context, People people, CancellationToken cancel)
    {
        context.Caller().Demand(Permission.Administer);
        var body = await RequestBody.ReadAsync(context.Request, cancel);
        var email = body.RequiredText("email", 200);
        if (email.Length > 0 && !PersonChange.IsEmail(email))
        {
            body.Wrong("email", "must be an e-mail address.");
        }

        var about = About(body);
        body.Done();
        return Results.Ok(await people.CreateAsync(context.Caller(), email, about, cancel));
    }

    private static async Task<IResult> ChangeAsync(string email, HttpContext context, People people, CancellationToken cancel)
    {
        context.Caller().Demand(Permission.Administer);
        var body = await RequestBody.ReadAsync(context.Request, cancel);
        var change = About(body);
        body.Done();
        return Results.Ok(await people.ChangeAsync(context.Caller(), email, change, cancel));
    }

    private static PersonChange About(RequestBody body)
    {
        var about = new PersonChange(body.Text("name", 200), body.Texts("roles"), body.Texts("data_scopes"), body.Text("password", 200)) { LimitedRoles = LimitedRoles(body) };
        foreach (var (member, what) in about.Wrong())
        {
            body.Wrong(member, what);
        }

        return about;
    }

    /// <summary>Roles over some agents alone; none given leaves those there are, an empty list takes them away.</summary>
    private static List<LimitedRole>? LimitedRoles(RequestBody body) => !body.Has("limited_roles")
        ? null
        : [.. body.Objects("limited_roles", LimitedRole.Most).Select(r => new LimitedRole(r.RequiredText("role", 100), Names.Check(r, "team", required: false), r.Texts("agents")))];

    private static async Task<IResult> TokenAsync(string email, HttpContext context, People people, TimeProvider time, CancellationToken cancel)
    {
        context.Caller().Demand(Permission.Administer);
        var body = await RequestBody.ReadAsync(context.Request, cancel);
        var name = body.RequiredText("name", 200);
        var expires = Expiry(body, time);
        body.Done();
        var issued = await people.IssueTokenAsync(context.Caller(), email, name, expires, cancel);
        return Results.Ok(new { issued.Id, Token = issued.Secret });
    }

    private static async Task<IResult> KeyAsync(HttpContext context, Keys keys, TimeProvider time, CancellationToken cancel)
    {
        Keys.DemandSome(context.Caller());
        var body = await RequestBody.ReadAsync(context.Request, cancel);
        var name = body.RequiredText("name", 200);
        var agents = body.Texts("agents");
        if (agents is { Count: 0 })
        {
            body.Wrong("agents", "must name an agent, or be null for all of the team's.");
        }

        var team = Names.Check(body, "team", required: false);
        var expires = Expiry(body, time);
        body.Done();
        var issued = await keys.IssueAsync(context.Caller(), name, team, agents, expires, cancel);
        return Results.Ok(new { issued.Id, Key = issued.Secret });
    }

    /// <summary>Another key in the place of this one, which goes on for a while: time to give the new one out.</summary>
    private static async Task<IResult> RotateAsync(string id, HttpContext context, Keys keys, CancellationToken cancel)
    {
        Keys.DemandSome(context.Caller());
        var body = await RequestBody.ReadAsync(context.Request, cancel);
        var overlap = body.Number("overlap_seconds", 0, (decimal)Keys.LongestOverlap.TotalSeconds);
        body.Done();
        var issued = await keys.RotateAsync(context.Caller(), id, overlap is { } seconds ? TimeSpan.FromSeconds((double)seconds) : Keys.DefaultOverlap, cancel);
        return Results.Ok(new { issued.Id, Key = issued.Secret });
    }

    private static DateTimeOffset? Expiry(RequestBody body, TimeProvider time)
    {
        var expires = body.Time("expires_at");
        if (expires <= time.GetUtcNow())
        {
            body.Wrong("expires_at", "must lie in the future.");
        }

        return expires;
    }

    private static async Task<IResult> RegisterAsync(string agent, HttpContext context, Registry registry, AgentQueries queries, CancellationToken cancel)
    {
        context.Caller().Demand(Permission.Administer);
        Names.Check("agent", agent);
        var body = await RequestBody.ReadAsync(context.Request, cancel);
        var entry = new AgentEntry(
            Names.Check(body, "team", required: false), body.Text("owner", 200), body.Text("description"), body.Texts("data_scopes"), body.Flag("requires_user"), RejectCodes(body));
        body.Done();
        await registry.SetAsync(context.Caller(), agent, entry, cancel);
        return Results.Ok(await queries.OneAsync(context.Caller(), agent, cancel));
    }

    /// <summary>The reviewers' own list; none given leaves it, an empty one takes it away.</summary>
    private static List<RejectCode>? RejectCodes(RequestBody body)
    {
        if (!body.Has("reject_codes"))
        {
            return null;
        }

        var codes = body.Objects("reject_codes", RejectCode.Most).Select(c => new RejectCode(c.RequiredText("code", 100), c.RequiredText("label", 200))).ToList();
        if (codes.Select(c => c.Code).Distinct(StringComparer.Ordinal).Count() < codes.Count)
        {
            body.Wrong("reject_codes", "has a code twice.");
        }

        return codes;
    }

    private static async Task<IResult> RulesAsync(HttpContext context, SignInRules rules, CancellationToken cancel)
    {
        context.Caller().Demand(Permission.Administer);
        var seen = Query.IfMatch(context) ?? throw new Refusal(RefusalKind.PreconditionMissing, "Say with If-Match which version you started from.");
        var body = await RequestBody.ReadAsync(context.Request, cancel);
        var required = body.Flag("require_second_factor");
        if (required is null)
        {
            body.Wrong("require_second_factor", "is required.");
        }

        body.Done();
        return Answer(context, await rules.ChangeAsync(context.Caller(), new SignInSettings(required!.Value), (int)seen, cancel));
    }

    private static IResult Answer(HttpContext context, SignInRulesReading reading)
    {
        context.Response.Headers.ETag = $"\"{reading.Version.ToString(CultureInfo.InvariantCulture)}\"";
        return Results.Ok(new { reading.Settings.RequireSecondFactor, reading.Version, reading.ChangedAt, reading.ChangedBy });
    }

    private static async Task<IResult> PrincipalAsync(string user, HttpContext context, Registry registry, CancellationToken cancel)
    {
        context.Caller().Demand(Permission.Administer);
        Names.Check("user", user);
        var body = await RequestBody.ReadAsync(context.Request, cancel);
        var scopes = body.Texts("data_scopes");
        if (scopes is null)
        {
            body.Wrong("data_scopes", "is required.");
        }

        body.Done();
        await registry.SetPrincipalAsync(context.Caller(), user, scopes!, cancel);
        return Results.Ok(new { User = user, DataScopes = scopes });
    }
}

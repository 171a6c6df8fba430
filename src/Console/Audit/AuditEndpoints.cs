using Handrail.Access;
using Handrail.Shell;

namespace Handrail.Audit;

/// <summary>The record, for those who may read it.</summary>
public static class AuditEndpoints
{
    private const int DefaultPage = 50;

    public static void AddAudit(this WebApplicationBuilder builder) =>
        builder.Services.AddSingleton<AuditQueries>().AddSingleton<VerifyAudit>().AddSingleton<ExportAudit>().AddSingleton<RecordExport>()
            .AddSingleton<AuditKeys>().AddSingleton<AuditDays>().AddSingleton<SealDays>().AddHostedService<AuditSealing>().AddSingleton<SettleRecords>().AddHostedService<AuditWatch>()
            .AddSingleton(new OwedSettings(Path.Combine(Setup.DataDirectory(builder.Configuration), "owed-audit.json")));

    public static void MapAudit(this IEndpointRouteBuilder routes)
    {
        var audit = routes.MapGroup("/api/v1/audit").WithTags("Audit");
        audit.MapGet("", ListAsync).RequireAuthorization(Doors.People);
        audit.MapGet("/verify", VerifyAsync).RequireAuthorization(Doors.People);
        audit.MapPost("/verify", CompareAsync).RequireAuthorization(Doors.People);
        audit.MapGet("/days", DaysAsync).RequireAuthorization(Doors.Files);
        audit.MapGet("/export", ExportAsync).RequireAuthorization(Doors.Files);
    }

    private static async Task<IResult> ListAsync(
        string? actor, string? act, string? target, string? since, string? until, string? cursor, string? limit, string? user, string? agent, string? session, HttpContext context, AuditQueries queries, CancellationToken cancel) =>
        Results.Ok(await queries.ListAsync(
            context.Caller(), Filter(actor, act, target, since, until, user, agent, session), cursor, (int)Query.Integer("limit", limit, DefaultPage, 1, AuditQueries.MostPerPage), cancel));

    private static async Task<IResult> VerifyAsync(HttpContext context, VerifyAudit command, CancellationToken cancel) =>
        Results.Ok(await command.HandleAsync(context.Caller(), [], null, cancel));

    /// <summary>Also against heads that somebody kept elsewhere.</summary>
    private static async Task<IResult> CompareAsync(HttpContext context, VerifyAudit command, CancellationToken cancel)
    {
        context.Caller().Demand(Permission.ReadAudit);
        var body = await RequestBody.ReadAsync(context.Request, cancel);
        var heads = body.Texts("heads", AuditDays.MostPerPage, AuditHead.Longest);
        if (heads is null)
        {
            body.Wrong("heads", "is required: the heads of days that were kept.");
        }

        body.Done();
        return Results.Ok(await command.HandleAsync(context.Caller(), heads!, null, cancel));
    }

    private static async Task<IResult> DaysAsync(string? cursor, string? limit, HttpContext context, AuditDays days, CancellationToken cancel) =>
        Results.Ok(await days.ListAsync(context.Caller(), cursor, (int)Query.Integer("limit", limit, AuditDays.MostPerPage, 1, AuditDays.MostPerPage), cancel));

    private static async Task<IResult> ExportAsync(
        string? format, string? actor, string? act, string? target, string? since, string? until, string? user, string? agent, string? session, HttpContext context, ExportAudit command, TimeProvider time, CancellationToken cancel)
    {
        if (format is not ("jsonl" or "csv"))
        {
            throw Refusal.Invalid("format", "must be jsonl or csv.");
        }

        var records = await command.HandleAsync(context.Caller(), Filter(actor, act, target, since, until, user, agent, session), format, cancel);
        context.Response.Headers.CacheControl = "no-store";
        return Results.Stream(
            to => format == "csv" ? AuditFile.WriteCsvAsync(to, records, context.RequestAborted) : AuditFile.WriteLinesAsync(to, records, context.RequestAborted),
            format == "csv" ? "text/csv; charset=utf-8" : "application/jsonl; charset=utf-8", $"audit-{time.GetUtcNow():yyyyMMdd-HHmmss}.{format}");
    }

    private static AuditFilter Filter(string? actor, string? act, string? target, string? since, string? until, string? user, string? agent, string? session) =>
        new(Some(actor), Some(act), Some(target), Query.Time("since", Some(since)), Query.Time("until", Some(until))) { User = Some(user), Agent = Some(agent), Session = Some(session) };

    /// <summary>An empty field of a form narrows nothing.</summary>
    private static string? Some(string? text) => string.IsNullOrEmpty(text) ? null : text;
}

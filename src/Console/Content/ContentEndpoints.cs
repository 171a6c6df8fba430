using System.Globalization;
using Handrail.Access;
using Handrail.Shell;
using Handrail.Telemetry;

namespace Handrail.Content;

/// <summary>What is kept of what agents say, as administrators set it.</summary>
public static class ContentEndpoints
{
    private const int MostPatterns = 1_000;

    public static void MapContent(this IEndpointRouteBuilder routes)
    {
        var admin = routes.MapGroup("/api/v1/settings/content").RequireAuthorization(Doors.People).WithTags("Administration");
        admin.MapGet("", async (HttpContext context, ContentRules rules, CancellationToken cancel) => Answer(context, await rules.ReadAsync(context.Caller(), cancel)));
        admin.MapPut("", ChangeAsync);
    }

    /// <summary>The settings are set as a whole: what is not named is as it is on a new console, a number of days that is null is for ever.</summary>
    private static async Task<IResult> ChangeAsync(HttpContext context, ContentRules rules, CancellationToken cancel)
    {
        context.Caller().Demand(Permission.Administer);
        var seen = Query.IfMatch(context) ?? throw new Refusal(RefusalKind.PreconditionMissing, "Say with If-Match which version you started from.");
        var body = await RequestBody.ReadAsync(context.Request, cancel);
        var redaction = body.Part("redaction");
        var basis = ContentSettings.Default;
        var settings = new ContentSettings
        {
            Redaction = redaction is null ? basis.Redaction : new RedactionRules(
                redaction.Flag("cards") ?? basis.Redaction.Cards, redaction.Flag("emails") ?? basis.Redaction.Emails, redaction.Flag("keys") ?? basis.Redaction.Keys,
                redaction.Texts("patterns", MostPatterns) ?? []),
            ContentDays = Days(body, "content_days", basis.ContentDays),
            StepDays = Days(body, "step_days", basis.StepDays),
        };
        body.Done();
        return Answer(context, await rules.ChangeAsync(context.Caller(), settings, (int)seen, cancel));
    }

    private static int? Days(RequestBody body, string member, int? otherwise) =>
        body.Content.TryGetProperty(member, out _) ? (int?)body.Integer(member, 1, ContentSettings.MostDays) : otherwise;

    private static IResult Answer(HttpContext context, ContentReading reading)
    {
        context.Response.Headers.ETag = $"\"{reading.Version.ToString(CultureInfo.InvariantCulture)}\"";
        return Results.Ok(new { reading.Settings.Redaction, reading.Settings.ContentDays, reading.Settings.StepDays, reading.Version, reading.ChangedAt, reading.ChangedBy });
    }
}

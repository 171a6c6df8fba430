using System.Globalization;
using Handrail.Access;
using Handrail.Shell;

namespace Handrail.Notify;

/// <summary>Which notices go to which channel, for administrators.</summary>
public static class RuleEndpoints
{
    public static void MapNotificationRules(this IEndpointRouteBuilder routes)
    {
        var admin = routes.MapGroup("/api/v1/notifications/rules").RequireAuthorization(Doors.People).WithTags("Notifications");
        admin.MapGet("", async (HttpContext context, NotificationRules rules, CancellationToken cancel) =>
            Results.Ok(new { Items = (await rules.ListAsync(context.Caller(), cancel)).Select(Answer), NextCursor = (string?)null }));
        admin.MapPost("", async (HttpContext context, NotificationRules rules, CancellationToken cancel) =>
        {
            context.Caller().Demand(Permission.Administer);
            return Answer(context, await rules.CreateAsync(context.Caller(), Draft(await RequestBody.ReadAsync(context.Request, cancel)), cancel));
        });
        admin.MapPut("/{id}", async (string id, HttpContext context, NotificationRules rules, CancellationToken cancel) =>
        {
            context.Caller().Demand(Permission.Administer);
            return Answer(context, await rules.ChangeAsync(context.Caller(), id, Draft(await RequestBody.ReadAsync(context.Request, cancel)), Query.IfMatch(context), cancel));
        });
        admin.MapDelete("/{id}", async (string id, HttpContext context, NotificationRules rules, CancellationToken cancel) =>
        {
            await rules.RemoveAsync(context.Caller(), id, cancel);
            return Results.NoContent();
        });
    }

    /// <summary>A rule is set as a whole: what is not named asks nothing.</summary>
    private static RuleDraft Draft(RequestBody body)
    {
        var quiet = body.Part("quiet");
        var draft = new RuleDraft(
            body.RequiredText("name", ChannelDraft.LongestName),
            body.RequiredText("channel_id", 100),
            body.Flag("enabled") ?? true,
            new RuleTerms
            {
                Kinds = Words<NoticeKind>(body, "kinds"),
                Agents = body.Texts("agents") ?? [],
                Roles = body.Texts("roles") ?? [],
                MinAmount = body.Number("min_amount", 0),
                Currency = body.Currency("currency"),
                AfterMinutes = (int?)body.Integer("after_minutes", 0, NotificationRules.LongestDelay) ?? 0,
                Quiet = quiet is null ? null : new QuietHours
                {
                    TimeZone = quiet.RequiredText("time_zone", 100),
                    From = Time(quiet, "from"),
                    To = Time(quiet, "to"),
                    Days = Words<DayOfWeek>(quiet, "days"),
                    Drop = quiet.Flag("drop") ?? false,
                },
            });
        body.Done();
        return draft;
    }

    private static List<T> Words<T>(RequestBody body, string member)
        where T : struct, Enum
    {
        var words = new List<T>();
        foreach (var word in body.Texts(member) ?? [])
        {
            if (Store.EnumText<T>.TryParse(word, out var value))
            {
                words.Add(value);
            }
            else
            {
                body.Wrong(member, $"knows {string.Join(", ", Store.EnumText<T>.All)}, not '{word}'.");
            }
        }

        return words;
    }

    private static TimeOnly Time(RequestBody body, string member)
    {
        var text = body.RequiredText(member, 5);
        if (TimeOnly.TryParseExact(text, "HH:mm", CultureInfo.InvariantCulture, DateTimeStyles.None, out var time))
        {
            return time;
        }

        if (text.Length > 0)
        {
            body.Wrong(member, "must be a time of day, such as 22:00.");
        }

        return default;
    }

    private static IResult Answer(HttpContext context, RuleReading rule)
    {
        context.Response.Headers.ETag = $"\"{rule.Version.ToString(CultureInfo.InvariantCulture)}\"";
        return Results.Ok(Answer(rule));
    }

    private static object Answer(RuleReading rule) => new
    {
        rule.Id,
        rule.Name,
        rule.ChannelId,
        rule.ChannelName,
        rule.Enabled,
        rule.Terms.Kinds,
        rule.Terms.Agents,
        rule.Terms.Roles,
        rule.Terms.MinAmount,
        rule.Terms.Currency,
        rule.Terms.AfterMinutes,
        Quiet = rule.Terms.Quiet is { } q
            ? new { q.TimeZone, From = q.From.ToString("HH:mm", CultureInfo.InvariantCulture), To = q.To.ToString("HH:mm", CultureInfo.InvariantCulture), q.Days, q.Drop }
            : null,
        rule.Version,
        rule.ChangedAt,
        rule.ChangedBy,
    };
}

using System.Globalization;
using Handrail.Access;
using Handrail.Shell;

namespace Handrail.Notify;

/// <summary>The ways out of the console, for administrators. A secret goes in, or comes out once, and is in no other answer.</summary>
public static class ChannelEndpoints
{
    private const int LongestSecret = 2_000;

    public static void MapChannels(this IEndpointRouteBuilder routes)
    {
        var admin = routes.MapGroup("/api/v1/notifications/channels").RequireAuthorization(Doors.People).WithTags("Notifications");
        admin.MapGet("", async (HttpContext context, NotificationChannels channels, CancellationToken cancel) =>
            Results.Ok(new { Items = await channels.ListAsync(context.Caller(), cancel), NextCursor = (string?)null }));
        admin.MapPost("", async (HttpContext context, NotificationChannels channels, CancellationToken cancel) =>
        {
            context.Caller().Demand(Permission.Administer);
            var made = await channels.CreateAsync(context.Caller(), Draft(await RequestBody.ReadAsync(context.Request, cancel), null), cancel);
            return Made(context, made);
        });
        admin.MapGet("/{id}", async (string id, HttpContext context, NotificationChannels channels, CancellationToken cancel) =>
            Answer(context, await channels.OneAsync(context.Caller(), id, cancel)));
        admin.MapPut("/{id}", async (string id, HttpContext context, NotificationChannels channels, CancellationToken cancel) =>
        {
            var known = await channels.OneAsync(context.Caller(), id, cancel);
            var draft = Draft(await RequestBody.ReadAsync(context.Request, cancel), known);
            return Answer(context, await channels.ChangeAsync(context.Caller(), id, draft, Query.IfMatch(context), cancel));
        });
        admin.MapDelete("/{id}", async (string id, HttpContext context, NotificationChannels channels, CancellationToken cancel) =>
        {
            await channels.RemoveAsync(context.Caller(), id, cancel);
            return Results.NoContent();
        });
        admin.MapPost("/{id}/rotate", async (string id, HttpContext context, NotificationChannels channels, CancellationToken cancel) =>
        {
            var made = await channels.RotateAsync(context.Caller(), id, cancel);
            return Made(context, made);
        });
        admin.MapPost("/{id}/test", async (string id, HttpContext context, NotificationChannels channels, CancellationToken cancel) =>
            Results.Accepted(value: new { DeliveryId = await channels.TestAsync(context.Caller(), id, cancel) }));
        admin.MapPost("/{id}/resend", async (string id, HttpContext context, ResendDeliveries resend, CancellationToken cancel) =>
            Results.Accepted(value: new { Count = await resend.OfChannelAsync(context.Caller(), id, cancel) }));
    }

    /// <param name="known">What is changed: a member that the body does not name stays as it is.</param>
    private static ChannelDraft Draft(RequestBody body, ChannelReading? known)
    {
        var kind = body.Word<ChannelKind>("kind") ?? known?.Kind;
        if (kind is null && !body.Has("kind"))
        {
            body.Wrong("kind", "is required.");
        }

        var address = known?.Address ?? new ChannelAddress();
        var draft = new ChannelDraft
        {
            Name = body.Has("name") || known is null ? body.RequiredText("name", ChannelDraft.LongestName) : known.Name,
            Kind = kind ?? ChannelKind.Webhook,
            Enabled = body.Flag("enabled") ?? known?.Enabled ?? true,
            Detail = body.Word<ChannelDetail>("detail") ?? known?.Detail ?? ChannelDetail.Fields,
            Url = body.Text("url") ?? address.Url,
            Secret = body.Text("secret", LongestSecret),
            Host = body.Text("host", 255) ?? address.Host,
            Port = (int?)body.Integer("port", 1, 65_535) ?? address.Port,
            Security = body.Word<MailSecurity>("security") ?? address.Security,
            UserName = body.Text("user_name", 200) ?? address.UserName,
            From = body.Text("from", 200) ?? address.From,
            To = body.Texts("to") ?? address.To,
            ToRoles = body.Texts("to_roles") ?? address.ToRoles,
        };
        body.Done();
        return draft;
    }

    private static IResult Answer(HttpContext context, ChannelReading channel)
    {
        context.Response.Headers.ETag = $"\"{channel.Version.ToString(CultureInfo.InvariantCulture)}\"";
        return Results.Ok(channel);
    }

    /// <summary>The one answer that has a secret in it: none that passes it on may keep it.</summary>
    private static IResult Made(HttpContext context, ChannelWithSecret made)
    {
        context.Response.Headers.CacheControl = "no-store";
        context.Response.Headers.ETag = $"\"{made.Channel.Version.ToString(CultureInfo.InvariantCulture)}\"";
        return Results.Ok(made);
    }
}

namespace Handrail.Notify;

/// <summary>The outbox's commands and queries, and the doors that lead to them.</summary>
public static class NotifySetup
{
    public static void AddNotify(this WebApplicationBuilder builder)
    {
        var section = builder.Configuration.GetSection("Notify");
        var networks = section.GetSection("AllowedNetworks").Get<string[]>()
            ?? section["AllowedNetworks"]?.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries) ?? [];
        builder.Services.AddSingleton(NotifySettings.Of(section["PublicUrl"] ?? Own(builder.Configuration["Kestrel:Endpoints:Console:Url"]), networks));
        builder.Services.AddSingleton<Links>().AddSingleton<ChannelSecrets>();
        builder.Services.AddSingleton<RouteNotices>().AddSingleton<SendDeliveries>().AddSingleton<WatchDeadlines>().AddSingleton<ClearNotices>();
        builder.Services.AddSingleton<NotificationChannels>().AddSingleton<NotificationRules>().AddSingleton<DeliveryQueries>().AddSingleton<ResendDeliveries>();
        builder.Services.AddTransient<NotificationsDesk>();
        builder.Services.AddSingleton<AlertQueries>().AddSingleton<AnswerAlert>();
    }

    public static void MapNotify(this WebApplication app)
    {
        app.MapChannels();
        app.MapNotificationRules();
        app.MapDeliveries();
        app.MapAlerts();
    }

    /// <summary>The address that the console listens on, where it is one that a browser can open; a wildcard is none.</summary>
    private static string? Own(string? url) => Uri.TryCreate(url, UriKind.Absolute, out var address) && !(address.Host is "0.0.0.0" or "[::]" or "::") ? url : null;
}

using Handrail.Access;
using Handrail.Handoffs;
using Handrail.Policies;
using Handrail.Policies.Editing;
using Handrail.Sessions;
using Microsoft.AspNetCore.Diagnostics;
using Microsoft.AspNetCore.Http.Features;
using MudBlazor;
using MudBlazor.Services;

namespace Handrail.Shell;

/// <summary>The pages' half of the console: interactive components over one connection per tab.</summary>
public static class PageSetup
{
    public static void AddPages(this WebApplicationBuilder builder)
    {
        builder.Services.AddRazorComponents().AddInteractiveServerComponents().AddHubOptions(hub =>
        {
            // The browser calls a connection dead after three missed beats (connection.js), so that nothing stale looks current.
            // The other way round there is patience: browsers slow the timers of hidden tabs.
            hub.KeepAliveInterval = TimeSpan.FromSeconds(3);
            hub.ClientTimeoutInterval = TimeSpan.FromSeconds(90);
        });
        builder.Services.AddCascadingAuthenticationState();
        builder.Services.AddAuthorization();
        builder.Services.AddScoped<CurrentCaller>();
        builder.Services.AddScoped<Deeds>().AddScoped<PageOrders>().AddScoped<SwitchOrders>();
        builder.Services.AddTransient<ReviewDesk>();
        builder.Services.AddTransient<DraftPublishing>().AddTransient<DraftPreviews>().AddTransient<ThresholdDesk>().AddTransient<AutonomyDesk>().AddTransient<TrialDesk>().AddTransient<RulesDesk>();
        builder.Services.AddMudServices(options =>
        {
            options.SnackbarConfiguration.PositionClass = Defaults.Classes.Position.BottomCenter;
            options.SnackbarConfiguration.PreventDuplicates = true;
            options.SnackbarConfiguration.VisibleStateDuration = 6_000;
        });
    }

    /// <summary>A browser that asks for a page that is not there gets one that says so; everybody else gets the bare status.</summary>
    public static void UseNotFoundPage(this WebApplication app)
    {
        app.UseStatusCodePagesWithReExecute("/not-found", createScopeForStatusCodePages: true);
        app.Use((context, next) =>
        {
            if (!AsksForAPage(context.Request))
            {
                context.Features.GetRequiredFeature<IStatusCodePagesFeature>().Enabled = false;
            }

            return next(context);
        });
    }

    private static bool AsksForAPage(HttpRequest request) => HttpMethods.IsGet(request.Method)
        && request.Headers.Accept.ToString().Contains("text/html", StringComparison.Ordinal)
        && !request.Path.StartsWithSegments("/api") && !request.Path.StartsWithSegments("/v1");

    public static void MapPages(this WebApplication app)
    {
        app.UseAntiforgery();
        app.MapStaticAssets().AllowAnonymous();
        app.MapRazorComponents<App>().RequireAuthorization().AddInteractiveServerRenderMode(options =>
        {
            options.ContentSecurityFrameAncestorsPolicy = "'none'";
            // Compressing secrets and hostile text together in one stream tells an onlooker of the former.
            options.DisableWebSocketCompression = true;
        });
    }
}

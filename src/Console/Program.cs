using Handrail.Policies;
using Handrail.Shell;
using Handrail.Store;

if (HealthProbe.IsAsked(args))
{
    return await HealthProbe.RunAsync(args, Console.Error);
}

var builder = WebApplication.CreateBuilder(new WebApplicationOptions { Args = args, ContentRootPath = ContentRoot.Find() });
builder.WebHost.UseStaticWebAssets();
builder.AddShell();
builder.AddOperation();
builder.AddPages();

var app = builder.Build();
await app.Services.GetRequiredService<DatabaseMigration>().RunAsync(app.Lifetime.ApplicationStopping);
await app.Services.GetRequiredService<FirstPolicy>().HandleAsync(app.Lifetime.ApplicationStopping);
app.UseExceptionHandler();
app.MapHealth();
app.MapOperation();
app.MapPages();
await app.RunAsync();
return 0;

using Handrail.Shell;
using Handrail.Store;

var builder = WebApplication.CreateBuilder(new WebApplicationOptions { Args = args, ContentRootPath = ContentRoot.Find() });
builder.WebHost.UseStaticWebAssets();
builder.AddShell();
builder.AddPages();

var app = builder.Build();
await app.Services.GetRequiredService<DatabaseMigration>().RunAsync(app.Lifetime.ApplicationStopping);
app.UseExceptionHandler();
app.MapHealth();
app.MapPages();
await app.RunAsync();

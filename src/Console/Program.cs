using Handrail.Access;
using Handrail.Audit;
using Handrail.Content;
using Handrail.Demo;
using Handrail.Health;
using Handrail.Ingest;
using Handrail.Jobs;
using Handrail.Notify;
using Handrail.Policies;
using Handrail.Recovery;
using Handrail.Sessions.Otlp;
using Handrail.Shell;
using Handrail.Store;

if (HealthProbe.IsAsked(args))
{
    return await HealthProbe.RunAsync(args, Console.Error);
}

if (BackupSwitch.IsAsked(args))
{
    return await BackupSwitch.RunAsync(args, Console.Out, Console.Error);
}

var builder = WebApplication.CreateBuilder(new WebApplicationOptions { Args = DemoSetup.Settings(args), ContentRootPath = ContentRoot.Find() });
builder.WebHost.UseStaticWebAssets();
builder.AddShell();
builder.AddAccess();
builder.AddProvider();
builder.AddAudit();
builder.AddOperation();
builder.AddNotify();
builder.AddJobs();
builder.AddHealth();
builder.AddRecovery();
builder.AddApiDocument();
builder.AddPages();
builder.AddDemo(args);

var app = builder.Build();
await app.Services.GetRequiredService<DatabaseMigration>().RunAsync(app.Lifetime.ApplicationStopping);
await app.EncryptStoredKeysAsync();
await app.Services.GetRequiredService<FirstPolicy>().HandleAsync(app.Lifetime.ApplicationStopping);
await app.Services.GetRequiredService<RecogniseRestore>().StartAsync(app.Lifetime.ApplicationStopping);
await app.BootstrapAsync();
app.UseExportMark();
app.UseExceptionHandler();
app.UseOtlpPorts();
app.UseNotFoundPage();
app.UseAccess();
app.MapHealth();
app.MapAdministration();
app.MapProvider();
app.MapAudit();
app.MapTelemetry();
app.MapContent();
app.MapOperation();
app.MapNotify();
app.MapJobs();
app.MapApiDocument();
app.MapPages();
await app.RunAsync();
return 0;

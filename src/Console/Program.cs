using Handrail.Access;
using Handrail.Audit;
using Handrail.Content;
using Handrail.Demo;
using Handrail.Health;
using Handrail.Ingest;
using Handrail.Jobs;
using Handrail.Notify;
using Handrail.Recovery;
using Handrail.Sessions.Otlp;
using Handrail.Shell;

if (HealthProbe.IsAsked(args))
{
    return await HealthProbe.RunAsync(args, Console.Error);
}

if (BackupSwitch.IsAsked(args))
{
    return await BackupSwitch.RunAsync(args, Console.Out, Console.Error);
}

// Settings are read once, at start. To watch their files for changes the runtime would watch every folder below them, and not start where the system's watches are used up.
string[] settings = ["--hostBuilder:reloadConfigOnChange=false", .. DemoSetup.Settings(args)];
var builder = WebApplication.CreateBuilder(new WebApplicationOptions { Args = settings, ContentRootPath = ContentRoot.Find() });
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

// What is asked of the database before anybody is let in, beside the making of doors and pages: each takes about half of a start.
var storeReady = Task.Run(() => app.ReadyStoreAsync(app.Lifetime.ApplicationStopping));
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
app.MapApiDocument();
app.MapPages();
await storeReady;

// Its jobs may stand in the database.
app.MapJobs();
await app.RunAsync();
return 0;

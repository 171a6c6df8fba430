namespace Handrail.Demo;

/// <summary><c>--demo</c>: a console with a simulated fleet at work, in a data folder of its own.</summary>
public static class DemoSetup
{
    private const string Switch = "--demo";

    /// <summary>The command line as settings: the demo's data stays apart from real data unless told otherwise.</summary>
    public static string[] Settings(string[] args) =>
        !args.Contains(Switch) ? args
        : [.. args.Any(a => a.StartsWith("--Data:Directory", StringComparison.OrdinalIgnoreCase)) ? [] : new[] { "--Data:Directory=data/demo" }, .. args.Where(a => a != Switch)];

    public static void AddDemo(this WebApplicationBuilder builder, string[] args)
    {
        if (args.Contains(Switch))
        {
            builder.Services.AddHostedService<DemoFleet>();
        }
    }
}

using System.Diagnostics;
using Handrail.Access;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;

namespace Handrail.Demo;

/// <summary>
/// With <c>--demo</c>: starts the simulated fleet as a process of its own, which uses the public interfaces alone, with a key and
/// a token that end with it.
/// </summary>
public sealed class DemoFleet(IServer server, IHostApplicationLifetime lifetime, DemoSignIn credentials, ILogger<DemoFleet> log) : BackgroundService
{
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        if (!await StartedAsync(stoppingToken))
        {
            return;
        }

        var console = Address();
        var program = Path.Combine(AppContext.BaseDirectory, "simulator", "Handrail.Simulator.dll");
        if (!File.Exists(program))
        {
            log.LogError("The demo's fleet is not beside the console: {Program} is missing", program);
            return;
        }

        var secrets = await credentials.IssueAsync(stoppingToken);
        log.LogInformation("Demo: open {Address}{SignIn} in a browser", console, secrets.SignInPath);
        using var fleet = new Process { StartInfo = Start(program, console, secrets) };
        fleet.OutputDataReceived += (_, line) => Say(line.Data);
        fleet.ErrorDataReceived += (_, line) => Say(line.Data);
        fleet.Start();
        fleet.BeginOutputReadLine();
        fleet.BeginErrorReadLine();
        try
        {
            await fleet.WaitForExitAsync(stoppingToken);
            log.LogWarning("The demo's fleet ended by itself with code {Code}", fleet.ExitCode);
        }
        catch (OperationCanceledException)
        {
            // It ends when its input closes; it is killed only when it doesn't.
            fleet.StandardInput.Close();
            using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(5));
            try
            {
                await fleet.WaitForExitAsync(patience.Token);
            }
            catch (OperationCanceledException)
            {
                fleet.Kill(entireProcessTree: true);
            }
        }
    }

    private async Task<bool> StartedAsync(CancellationToken cancel)
    {
        var started = new TaskCompletionSource();
        using var onStarted = lifetime.ApplicationStarted.Register(started.SetResult);
        using var onCancel = cancel.Register(() => started.TrySetCanceled(cancel));
        try
        {
            await started.Task;
            return true;
        }
        catch (OperationCanceledException)
        {
            return false;
        }
    }

    private static ProcessStartInfo Start(string program, string console, DemoSecrets secrets)
    {
        var start = new ProcessStartInfo(Environment.ProcessPath is { } path && Path.GetFileNameWithoutExtension(path) == "dotnet" ? path : "dotnet")
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach (var argument in new[] { program, "--url", console, "--otlp", console, "--until-stdin-closes" })
        {
            start.ArgumentList.Add(argument);
        }

        // By environment and not by argument: other users of the machine can read a process's arguments.
        start.Environment["HANDRAIL_API_KEY"] = secrets.AgentKey;
        start.Environment["HANDRAIL_ADMIN_TOKEN"] = secrets.AdminToken;
        return start;
    }

    /// <summary>The console's own address, the first of those it listens on, as something on this machine can call it.</summary>
    private string Address() => server.Features.Get<IServerAddressesFeature>()!.Addresses.First()
        .Replace("0.0.0.0", "127.0.0.1", StringComparison.Ordinal).Replace("[::]", "127.0.0.1", StringComparison.Ordinal);

    private void Say(string? line)
    {
        if (!string.IsNullOrWhiteSpace(line))
        {
            log.LogDebug("Fleet: {Line}", line);
        }
    }
}

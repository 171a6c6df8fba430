using Handrail.Shell;

namespace Handrail.Recovery;

/// <summary>A console that was restored from a backup knows it.</summary>
public static class RecoverySetup
{
    public static void AddRecovery(this WebApplicationBuilder builder) => builder.Services
        .AddSingleton(new LifeSettings(Path.Combine(Setup.DataDirectory(builder.Configuration), "database-life.json"), builder.Configuration.GetValue<bool>("Data:Restored")))
        .AddSingleton<RecogniseRestore>()
        .AddHostedService<LifeBeat>();
}

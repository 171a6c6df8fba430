using System.Reflection;

namespace Handrail.Shell;

/// <summary>Which version of the console this is.</summary>
public static class Versions
{
    /// <summary>As it was built: <c>0.1.0</c>, and the commit behind a plus where the build knew it.</summary>
    public static string Own { get; } = typeof(Versions).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion ?? "unknown";
}

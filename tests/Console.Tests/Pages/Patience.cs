using System.Runtime.CompilerServices;
using Bunit;
using Handrail.Testing;

namespace Handrail.Pages;

internal static class Patience
{
    /// <summary>A busy machine may take longer than bUnit's second; nothing is proven by giving up early.</summary>
    [ModuleInitializer]
    public static void Set() => BunitContext.DefaultWaitTimeout = Eventually.Patience;
}

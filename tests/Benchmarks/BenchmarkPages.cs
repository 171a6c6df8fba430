using Handrail.Testing;
using Microsoft.Playwright;

namespace Handrail.Benchmarks;

/// <summary>What benchmarks of pages have in common.</summary>
internal static class BenchmarkPages
{
    /// <summary>Signs the administrator in.</summary>
    public static async Task SignInAsync(this IPage page)
    {
        await page.GotoAsync("sign-in");
        await page.GetByLabel("E-mail address").FillAsync(ConsoleProcess.AdminEmail);
        await page.GetByLabel("Password").FillAsync(ConsoleProcess.AdminPassword);
        await page.GetByRole(AriaRole.Button, new() { Name = "Sign in" }).ClickAsync();
        await page.WaitForURLAsync(url => !url.Contains("sign-in", StringComparison.Ordinal));
    }

    /// <summary>The number that this share of them does not exceed; not a number where there are none.</summary>
    public static double At(this IReadOnlyCollection<double> numbers, double share) => numbers.Count == 0 ? double.NaN : numbers.Order().ElementAt((int)((numbers.Count - 1) * share));
}

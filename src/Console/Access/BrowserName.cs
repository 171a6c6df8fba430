namespace Handrail.Access;

/// <summary>What a browser calls itself, in two words that a person knows it by.</summary>
public static class BrowserName
{
    /// <summary>The first that fits: browsers also say the names of those that they are like.</summary>
    private static readonly (string Sign, string Name)[] Browsers =
        [("Edg/", "Edge"), ("OPR/", "Opera"), ("SamsungBrowser/", "Samsung Internet"), ("Firefox/", "Firefox"), ("FxiOS/", "Firefox"), ("CriOS/", "Chrome"), ("HeadlessChrome/", "Chrome"), ("Chrome/", "Chrome"), ("Safari/", "Safari")];

    private static readonly (string Sign, string Name)[] Systems =
        [("iPhone", "iPhone"), ("iPad", "iPad"), ("Android", "Android"), ("Windows", "Windows"), ("Mac OS X", "macOS"), ("CrOS", "ChromeOS"), ("Linux", "Linux")];

    /// <returns><c>Firefox on Windows</c>; nothing of it is the browser's own text.</returns>
    public static string Of(string? agent) => (Find(agent, Browsers), Find(agent, Systems)) switch
    {
        ({ } browser, { } system) => $"{browser} on {system}",
        ({ } browser, null) => browser,
        (null, { } system) => $"A browser on {system}",
        _ => "An unknown browser",
    };

    private static string? Find(string? agent, (string Sign, string Name)[] known) =>
        agent is null ? null : Array.Find(known, k => agent.Contains(k.Sign, StringComparison.Ordinal)).Name;
}

namespace Handrail.Shell;

/// <summary>
/// <c>--health URL</c>: asks a running console whether it is well and ends, with 0 when it is. A container's health check without
/// any other program in the image.
/// </summary>
public static class HealthProbe
{
    private const string Switch = "--health";
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    public static bool IsAsked(string[] args) => args is [Switch, ..];

    /// <returns>The exit code: 0 for well, 1 for anything else, 2 for a wrong call.</returns>
    public static async Task<int> RunAsync(string[] args, TextWriter errors)
    {
        if (args is not [Switch, var address] || !Uri.TryCreate(address, UriKind.Absolute, out var url))
        {
            await errors.WriteLineAsync($"usage: {Switch} http://127.0.0.1:8080/healthz");
            return 2;
        }

        using var client = new HttpClient { Timeout = Patience };
        try
        {
            using var answer = await client.GetAsync(url);
            if (answer.IsSuccessStatusCode)
            {
                return 0;
            }

            await errors.WriteLineAsync($"{url} answered {(int)answer.StatusCode}.");
        }
        catch (Exception e) when (e is HttpRequestException or TaskCanceledException)
        {
            await errors.WriteLineAsync($"{url} did not answer: {e.Message}");
        }

        return 1;
    }
}

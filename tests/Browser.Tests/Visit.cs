using System.Collections.Concurrent;
using Microsoft.Playwright;

namespace Handrail.Browser;

/// <summary>One person's tab, with what went wrong in it.</summary>
public sealed class Visit : IAsyncDisposable
{
    private readonly ConcurrentQueue<string> _problems = new();

    public Visit(IPage page)
    {
        Page = page;
        page.PageError += (_, error) => _problems.Enqueue(error);
        page.Console += (_, line) =>
        {
            if (line.Type == "error")
            {
                _problems.Enqueue($"{line.Text} ({line.Location})");
            }
        };
    }

    public IPage Page { get; }

    /// <summary>Script errors and failed requests since the tab was opened.</summary>
    public IReadOnlyCollection<string> Problems => _problems;

    /// <summary>Fills in the sign-in page, which must be open.</summary>
    public async Task SignInAsync(string email, string password)
    {
        await Page.GetByLabel("E-mail address").FillAsync(email);
        await Page.GetByLabel("Password").FillAsync(password);
        await Page.GetByRole(AriaRole.Button, new() { Name = "Sign in" }).ClickAsync();
    }

    public async ValueTask DisposeAsync() => await Page.Context.DisposeAsync();
}

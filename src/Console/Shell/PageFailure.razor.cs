using Microsoft.AspNetCore.Components;

namespace Handrail.Shell;

/// <summary>Stands in place of a page that failed: what it showed must not look current.</summary>
public partial class PageFailure
{
    [Parameter, EditorRequired]
    public required Exception Error { get; set; }

    [Parameter]
    public EventCallback Retry { get; set; }

    /// <summary>A refusal speaks for itself; of anything else only the log tells more, never the page.</summary>
    private string Said => Error is Refusal ? Error.Message : "Its data could not be read; the console's log says why. Agents are not affected by this page.";
}

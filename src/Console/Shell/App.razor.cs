using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Routing;
using Microsoft.AspNetCore.Components.Web;

namespace Handrail.Shell;

/// <summary>The document around every page.</summary>
public partial class App
{
    /// <summary>
    /// Without prerendering: a page that looks ready is ready, its buttons work, and nothing is read twice. Sign-in pages opt out
    /// of interactivity and are plain HTML.
    /// </summary>
    private static readonly InteractiveServerRenderMode Interactive = new(prerender: false);

    [CascadingParameter]
    public required HttpContext Context { get; set; }

    private InteractiveServerRenderMode? Mode => Context.AcceptsInteractiveRouting() ? Interactive : null;
}

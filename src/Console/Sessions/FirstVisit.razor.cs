using Microsoft.AspNetCore.Components;

namespace Handrail.Sessions;

/// <summary>What to paste to see the first session, for a console that nothing has been sent to.</summary>
public partial class FirstVisit
{
    /// <summary>The console's own address as the browser sees it, without a slash at the end; it takes OTLP over HTTP too.</summary>
    [Parameter, EditorRequired]
    public required string Address { get; set; }

    private IReadOnlyList<FirstTrace> Ways => FirstTrace.For(Address);
}

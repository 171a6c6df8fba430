using Microsoft.AspNetCore.Components;

namespace Handrail.Shell;

/// <summary>Who is signed in, the colours, the way out.</summary>
public partial class PersonMenu
{
    [Parameter]
    public string? Name { get; set; }
}

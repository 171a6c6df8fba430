using Microsoft.AspNetCore.Components;

namespace Handrail.Shell;

/// <summary>Leads a person who is not signed in to the sign-in page, and back afterwards.</summary>
public sealed class ToSignIn : ComponentBase
{
    [Inject]
    public required NavigationManager Navigation { get; set; }

    protected override void OnInitialized() => Navigation.NavigateTo(
        $"sign-in?returnUrl={Uri.EscapeDataString("/" + Navigation.ToBaseRelativePath(Navigation.Uri))}", forceLoad: true);
}

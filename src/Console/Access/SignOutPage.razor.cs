using System.Security.Claims;
using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Identity;

namespace Handrail.Access;

/// <summary>Asks before it signs out: a link alone, from wherever, must not.</summary>
public partial class SignOutPage
{
    [Inject]
    public required SignIn Door { get; set; }

    [Inject]
    public required SignInManager<Person> Cookies { get; set; }

    [Inject]
    public required CurrentCaller Caller { get; set; }

    [Inject]
    public required NavigationManager Navigation { get; set; }

    [Inject]
    public required ProviderSettings Provider { get; set; }

    [Inject]
    public required ProviderSignOut AtProvider { get; set; }

    /// <summary>Where the provider signs out, once this console has.</summary>
    private string? Left { get; set; }

    [CascadingParameter]
    public required HttpContext Context { get; set; }

    private async Task SubmitAsync()
    {
        var left = await AtProvider.AddressAsync(Context);
        await Door.SignOutAsync(await Caller.GetAsync(), Context.User.FindFirstValue(PersonClaims.SignInId), Context.RequestAborted);
        await Cookies.SignOutAsync();
        if (left is null)
        {
            Navigation.NavigateTo("/sign-in", forceLoad: true);
        }

        // By the page and not by its answer's address: a form may lead nowhere but to this console.
        Left = left;
    }
}

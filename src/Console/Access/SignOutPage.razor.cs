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

    [CascadingParameter]
    public required HttpContext Context { get; set; }

    private async Task SubmitAsync()
    {
        await Door.SignOutAsync(await Caller.GetAsync(), Context.User.FindFirstValue(PersonClaims.SignInId), Context.RequestAborted);
        await Cookies.SignOutAsync();
        Navigation.NavigateTo("/sign-in", forceLoad: true);
    }
}

using Microsoft.AspNetCore.Components;

namespace Handrail.Access;

/// <summary>What a person signs in by.</summary>
public partial class AccountPage
{
    [Inject]
    public required SignIn Door { get; set; }

    [Inject]
    public required SignInCookies Cookies { get; set; }

    [Inject]
    public required CurrentCaller Caller { get; set; }

    [Inject]
    public required ProviderSettings Provider { get; set; }

    [Inject]
    public required NavigationManager Navigation { get; set; }

    [CascadingParameter]
    public required HttpContext Context { get; set; }

    [SupplyParameterFromForm(FormName = "password")]
    public PasswordInput? Input { get; set; }

    private bool MustChange => Context.User.HasClaim(PersonClaims.MustChangePassword, "true");

    private bool MustSetUp => Context.User.HasClaim(PersonClaims.MustSetUpSecondFactor, "true");

    private bool HasPassword { get; set; } = true;

    private string? Message { get; set; }

    protected override async Task OnInitializedAsync() => HasPassword = await Door.HasPasswordAsync(await Caller.GetAsync(), Context.RequestAborted);

    private async Task SubmitAsync()
    {
        if (Input?.New != Input?.Again)
        {
            Message = "The two new passwords are not the same.";
            return;
        }

        var caller = await Caller.GetAsync();
        try
        {
            await Door.ChangePasswordAsync(caller, Input?.Old ?? "", Input?.New ?? "", Context.RequestAborted);
        }
        catch (Refusal refusal)
        {
            Message = refusal.Errors.ContainsKey("old") ? "The present password is not right." : $"Choose another one, with at least {People.ShortestPassword} characters.";
            return;
        }

        await Cookies.EnterAsync(Context, caller.Id, "password");
        Navigation.NavigateTo("/", forceLoad: true);
    }

    public sealed class PasswordInput
    {
        public string? Old { get; set; }

        public string? New { get; set; }

        public string? Again { get; set; }
    }
}

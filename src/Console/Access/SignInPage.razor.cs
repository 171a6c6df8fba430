using Handrail.Store;
using Microsoft.AspNetCore.Components;

namespace Handrail.Access;

/// <summary>Plain HTML: it works without a circuit and without script.</summary>
public partial class SignInPage
{
    [Inject]
    public required SignIn Door { get; set; }

    [Inject]
    public required SignInCookies Cookies { get; set; }

    [Inject]
    public required ProviderSettings Provider { get; set; }

    [Inject]
    public required CallLimits Limits { get; set; }

    [Inject]
    public required DemoSignIn DemoDoor { get; set; }

    [Inject]
    public required NavigationManager Navigation { get; set; }

    [CascadingParameter]
    public required HttpContext Context { get; set; }

    [SupplyParameterFromForm(FormName = "sign-in")]
    public SignInInput? Input { get; set; }

    [SupplyParameterFromForm(FormName = "demo")]
    public DemoInput? Demo { get; set; }

    [SupplyParameterFromQuery]
    public string? ReturnUrl { get; set; }

    /// <summary>What went wrong at the provider, a word of this console.</summary>
    [SupplyParameterFromQuery]
    public string? Problem { get; set; }

    private string? Message { get; set; }

    /// <summary>This page, from which one comes back to where one wanted.</summary>
    public static string PathTo(string? returnUrl) => LocalPath.Of(returnUrl) is not "/" and var path ? "/sign-in" + QueryString.Create("returnUrl", path) : "/sign-in";

    private string ProviderPath => ProviderSetup.StartPath + QueryString.Create("returnUrl", LocalPath.Of(ReturnUrl));

    protected override void OnInitialized() =>
        Message = HttpMethods.IsGet(Context.Request.Method) && Provider.IsOn && EnumText<ProviderProblem>.TryParse(Problem, out var problem) ? problem.Words(Provider.DisplayName) : null;

    private async Task SubmitAsync()
    {
        if (IsTooMany())
        {
            return;
        }

        var signedIn = await Door.HandleAsync(
            Input?.Email?.Trim() ?? "", Input?.Password ?? "", Context.Connection.RemoteIpAddress?.ToString(), Context.TraceIdentifier, Context.RequestAborted);
        if (signedIn is null)
        {
            Message = "That didn't work. The address or the password is wrong, or there were too many tries: then wait ten minutes.";
            return;
        }

        if (signedIn.Half is { } half)
        {
            await SignInCookies.HoldAsync(Context, half);
            Navigation.NavigateTo("/sign-in/code" + QueryString.Create("returnUrl", LocalPath.Of(ReturnUrl)), forceLoad: true);
            return;
        }

        await EnterAsync(signedIn.Id, signedIn.By, signedIn.MustChangePassword ? "/account" : LocalPath.Of(ReturnUrl));
    }

    private async Task DemoAsync()
    {
        if (IsTooMany())
        {
            return;
        }

        if (await DemoDoor.UseAsync(Demo?.Secret, Context.Connection.RemoteIpAddress?.ToString(), Context.TraceIdentifier, Context.RequestAborted) is not { } person)
        {
            Message = "This demo link was used already or is too old: start the console again for a new one.";
            return;
        }

        await EnterAsync(person, "demo link", "/");
    }

    private bool IsTooMany()
    {
        if (Limits.SignIn(Context) is not { } refused)
        {
            return false;
        }

        Message = refused.ToldOn(Context);
        return true;
    }

    private async Task EnterAsync(string personId, string by, string path)
    {
        await Cookies.EnterAsync(Context, personId, by);
        Navigation.NavigateTo(path, forceLoad: true);
    }

    public sealed class SignInInput
    {
        public string? Email { get; set; }

        public string? Password { get; set; }
    }

    public sealed class DemoInput
    {
        public string? Secret { get; set; }
    }
}

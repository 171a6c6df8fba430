using Microsoft.AspNetCore.Components;

namespace Handrail.Access;

/// <summary>The second step of signing in, plain HTML like the first. Who was not there before is led to it.</summary>
public partial class CodePage
{
    [Inject]
    public required SignIn Door { get; set; }

    [Inject]
    public required SignInCookies Cookies { get; set; }

    [Inject]
    public required CallLimits Limits { get; set; }

    [Inject]
    public required NavigationManager Navigation { get; set; }

    [CascadingParameter]
    public required HttpContext Context { get; set; }

    [SupplyParameterFromForm(FormName = "code")]
    public CodeInput? Input { get; set; }

    [SupplyParameterFromQuery]
    public string? ReturnUrl { get; set; }

    private string? Message { get; set; }

    private HalfSignedIn? Half { get; set; }

    protected override async Task OnInitializedAsync()
    {
        Half = await SignInCookies.HeldAsync(Context);
        if (Half is null)
        {
            Navigation.NavigateTo(SignInPage.PathTo(ReturnUrl), forceLoad: true);
        }
    }

    private async Task SubmitAsync()
    {
        if (Half is not { } half)
        {
            return;
        }

        if (Limits.SignIn(Context) is { } tooMany)
        {
            Message = tooMany.ToldOn(Context);
            return;
        }

        var signedIn = await Door.ProveAsync(half, Input?.Code ?? "", Context.Connection.RemoteIpAddress?.ToString(), Context.TraceIdentifier, Context.RequestAborted);
        if (signedIn is null)
        {
            Message = "That didn't work. The code is wrong or was used already, or there were too many tries: then wait ten minutes and begin again.";
            return;
        }

        await Cookies.EnterAsync(Context, signedIn.Id, signedIn.By);
        Navigation.NavigateTo(signedIn.MustChangePassword ? "/account" : LocalPath.Of(ReturnUrl), forceLoad: true);
    }

    public sealed class CodeInput
    {
        public string? Code { get; set; }
    }
}

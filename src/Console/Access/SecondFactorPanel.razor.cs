using Microsoft.AspNetCore.Components;

namespace Handrail.Access;

/// <summary>A person's own second factor on the account page, without script. The secret and the codes are shown in the answer to the deed alone.</summary>
public partial class SecondFactorPanel
{
    [Inject]
    public required SecondFactors Factors { get; set; }

    [Inject]
    public required SignInCookies Cookies { get; set; }

    [Inject]
    public required CurrentCaller Caller { get; set; }

    [Inject]
    public required NavigationManager Navigation { get; set; }

    [CascadingParameter]
    public required HttpContext Context { get; set; }

    /// <summary>Nothing else opens before there is one.</summary>
    [Parameter]
    public bool Demanded { get; set; }

    [SupplyParameterFromForm(FormName = "factor-begin")]
    public ProofInput? Begin { get; set; }

    [SupplyParameterFromForm(FormName = "factor-confirm")]
    public ProofInput? Confirm { get; set; }

    [SupplyParameterFromForm(FormName = "factor-change")]
    public ProofInput? Change { get; set; }

    private SecondFactorReading Reading { get; set; } = new(null, 0);

    private SecondFactorSecret? Secret { get; set; }

    private IReadOnlyList<string>? Shown { get; set; }

    private string? Done { get; set; }

    private string? Message { get; set; }

    // A form that is sent must stand on the page also where what it is for has changed meanwhile, so that the deed can say so.
    private bool IsConfirming => Secret is not null || Confirm is not null;

    private bool ShowsConfirm => Shown is null && IsConfirming;

    private bool ShowsChange => Shown is null && !IsConfirming && (Reading.Since is not null || Change is not null);

    private bool ShowsBegin => Shown is null && !IsConfirming && ((Reading.Since is null && Change is null) || Begin is not null);

    protected override async Task OnInitializedAsync()
    {
        var caller = await Caller.GetAsync();
        Reading = await Factors.ReadAsync(caller, Context.RequestAborted);
        if (Confirm is not null)
        {
            Secret = await Factors.BegunAsync(caller, Context.RequestAborted);
        }
    }

    private async Task BeginAsync()
    {
        try
        {
            Secret = await Factors.BeginAsync(await Caller.GetAsync(), Context.RequestAborted);
        }
        catch (Refusal refusal)
        {
            Message = refusal.Message;
        }
    }

    private async Task ConfirmAsync()
    {
        var caller = await Caller.GetAsync();
        try
        {
            Shown = await Factors.ConfirmAsync(caller, Confirm?.Password ?? "", Confirm?.Code ?? "", Context.RequestAborted);
        }
        catch (Refusal refusal)
        {
            Message = Words(refusal);
            return;
        }

        Done = "Your second factor is on.";
        await Cookies.EnterAsync(Context, caller.Id, "password and authenticator");
    }

    private async Task ChangeAsync()
    {
        var caller = await Caller.GetAsync();
        var (password, code) = (Change?.Password ?? "", Change?.Code ?? "");
        try
        {
            if (Change?.Deed == "codes")
            {
                Shown = await Factors.NewCodesAsync(caller, password, code, Context.RequestAborted);
                Done = "Your former recovery codes open nothing any more.";
                return;
            }

            if (Change?.Deed != "off")
            {
                return;
            }

            await Factors.SwitchOffAsync(caller, password, code, Context.RequestAborted);
        }
        catch (Refusal refusal)
        {
            Message = Words(refusal);
            return;
        }

        await Cookies.EnterAsync(Context, caller.Id, "password and authenticator");
        Navigation.NavigateTo("/account", forceLoad: true);
    }

    private static string Words(Refusal refusal) => refusal.Kind == RefusalKind.Invalid
        ? "That didn't work. The password or the code is wrong, the code was used already, or there were too many tries: then wait ten minutes."
        : refusal.Message;

    public sealed class ProofInput
    {
        public string? Password { get; set; }

        public string? Code { get; set; }

        /// <summary>Which button was pressed: <c>begin</c>, <c>codes</c> or <c>off</c>.</summary>
        public string? Deed { get; set; }
    }
}

using System.Security.Claims;
using Microsoft.AspNetCore.Components;

namespace Handrail.Access;

/// <summary>A person's own open sign-ins and what happened last at their door, without script.</summary>
public partial class OpenSignInsPanel
{
    private const string Others = "others";

    [Inject]
    public required OpenSignIns SignIns { get; set; }

    [Inject]
    public required CurrentCaller Caller { get; set; }

    [CascadingParameter]
    public required HttpContext Context { get; set; }

    [SupplyParameterFromForm(FormName = "sign-ins-end")]
    public EndInput? Input { get; set; }

    private IReadOnlyList<OpenSignIn> Open { get; set; } = [];

    private IReadOnlyList<SignInEvent> Happened { get; set; } = [];

    private string? Message { get; set; }

    private string? Own => Context.User.FindFirstValue(PersonClaims.SignInId);

    protected override Task OnInitializedAsync() => ReadAsync();

    private static string By(string? method) => method switch
    {
        "openid_connect" => "OpenID Connect",
        { } known => known,
        null => "password",
    };

    private static string Words(string act) => act switch
    {
        "person.sign_in" => "Signed in",
        "person.sign_in_failed" => "A sign-in failed",
        "person.code_failed" => "A wrong code",
        "person.recovery_code_used" => "A recovery code was used",
        "person.locked_out" => "Locked for a while after wrong tries",
        _ => "A wrong password on this page",
    };

    private async Task ReadAsync()
    {
        var caller = await Caller.GetAsync();
        Open = await SignIns.ListAsync(caller, Context.RequestAborted);
        Happened = await SignIns.EventsAsync(caller, Context.RequestAborted);
    }

    private async Task EndAsync()
    {
        var caller = await Caller.GetAsync();
        try
        {
            if (Input?.Id == Others)
            {
                await SignIns.EndOthersAsync(caller, Own, Context.RequestAborted);
            }
            else
            {
                await SignIns.EndAsync(caller, Input?.Id ?? "", Context.RequestAborted);
            }
        }
        catch (Refusal refusal)
        {
            Message = refusal.Message;
        }

        await ReadAsync();
    }

    public sealed class EndInput
    {
        /// <summary>The sign-in to end, or <c>others</c>.</summary>
        public string? Id { get; set; }
    }
}

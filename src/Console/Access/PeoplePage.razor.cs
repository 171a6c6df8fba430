using Handrail.Shell.Display;
using Microsoft.AspNetCore.Components;
using MudBlazor;

namespace Handrail.Access;

/// <summary>Who may sign in, with which roles, for whose data, and the tokens that act as them.</summary>
public sealed partial class PeoplePage
{
    /// <summary>A token that is made here; scripts that need another life make theirs by the API.</summary>
    private static readonly TimeSpan TokenLife = TimeSpan.FromDays(90);

    private IReadOnlyList<PersonReading>? _people;
    private SignInRulesReading? _rules;
    private int _asked;
    private PersonForm? _form;
    private (string Email, string Name, string Secret)? _issued;
    private string _wanted = "";

    [Inject]
    public required People People { get; set; }

    [Inject]
    public required SecondFactors Factors { get; set; }

    [Inject]
    public required SignInRules Rules { get; set; }

    private List<PersonReading> Found => [.. (_people ?? []).Where(Matches)];

    protected override async Task ReadAsync(Caller caller, CancellationToken cancel) =>
        (_people, _rules) = (await People.ListAsync(caller, cancel), await Rules.ReadAsync(caller, cancel));

    private bool Matches(PersonReading person) =>
        _wanted.Trim() is var wanted && (wanted.Length == 0 || person.Roles.Concat(person.LimitedRoles.Select(r => r.ToString())).Concat(person.DataScopes).Append(person.Email).Append(person.Name ?? "")
            .Any(text => text.Contains(wanted, StringComparison.OrdinalIgnoreCase)));

    private string Ends(DateTimeOffset? at) => at is not { } end ? "" : end <= Now ? ", expired" : $", until {end.UtcDateTime:yyyy-MM-dd}";

    private async Task SaveAsync()
    {
        var form = _form!;
        if (form.Read() is not { } change)
        {
            return;
        }

        if (await DoAsync(
            form.Known is null ? "The person may sign in now." : "Saved. Open sign-ins of this person end within seconds.",
            caller => form.Known is null
                ? People.CreateAsync(caller, form.Email.Trim(), change, CancellationToken.None)
                : People.ChangeAsync(caller, form.Email, change, CancellationToken.None)))
        {
            _form = null;
        }
    }

    private async Task IssueAsync(PersonReading person)
    {
        if (await Deeds.AskAsync($"A new token for {person.Email}?", "It does all that the person may do, for 90 days. Give it a name by what uses it.", "Make it") is { } name)
        {
            await DoAsync("The token is made.", async caller =>
            {
                var issued = await People.IssueTokenAsync(caller, person.Email, name, Time.GetUtcNow() + TokenLife, CancellationToken.None);
                _issued = (person.Email, name, issued.Secret);
            });
        }
    }

    private async Task RevokeAsync(PersonReading person, TokenReading token)
    {
        if (await Deeds.Dialogs.ShowMessageBoxAsync($"Revoke the token {token.Name}?", "Whatever calls with it is refused from its next call on.", "Revoke", cancelText: "Cancel") == true)
        {
            await DoAsync("The token is revoked.", caller => People.RevokeTokenAsync(caller, person.Email, token.Id, CancellationToken.None));
        }
    }

    private async Task SignOutAsync(PersonReading person)
    {
        if (await Deeds.Dialogs.ShowMessageBoxAsync($"Sign {person.Email} out everywhere?", "Every page that is open as this person ends within seconds. Tokens stay; revoke them one by one.", "Sign out", cancelText: "Cancel") == true)
        {
            await DoAsync("Signed out everywhere.", caller => People.SignOutEverywhereAsync(caller, person.Email, CancellationToken.None));
        }
    }

    private async Task ResetFactorAsync(PersonReading person)
    {
        if (await Deeds.Dialogs.ShowMessageBoxAsync(
            $"Reset the second factor of {person.Email}?", "Their password alone signs them in until they set up another. Be sure that it is they who ask. Open pages of this person end.", "Reset", cancelText: "Cancel") == true)
        {
            await DoAsync("The second factor is reset.", caller => Factors.ResetAsync(caller, person.Email, CancellationToken.None));
        }
    }

    private async Task DemandFactorAsync(bool demanded)
    {
        if (!demanded || await Deeds.Dialogs.ShowMessageBoxAsync(
            "Demand a second factor of everybody?", "Whoever signs in by password and has none sets one up before anything else. Pages that are open to them end within seconds, yours too if you have none.", "Demand it", cancelText: "Cancel") == true)
        {
            await DoAsync(demanded ? "A second factor is demanded from now on." : "A second factor is everybody's own choice.",
                caller => Rules.ChangeAsync(caller, new SignInSettings(demanded), _rules!.Version, CancellationToken.None));
        }
        else
        {
            // The box shows again what holds: a browser has ticked it already.
            _asked++;
        }
    }

    private async Task RemoveAsync(PersonReading person)
    {
        if (await Deeds.Dialogs.ShowMessageBoxAsync($"Remove {person.Email}?", "Tokens of this person are revoked and open pages end. What the person decided stays in the audit.", "Remove", cancelText: "Cancel") == true)
        {
            await DoAsync("The person is removed.", caller => People.RemoveAsync(caller, person.Email, CancellationToken.None));
        }
    }
}

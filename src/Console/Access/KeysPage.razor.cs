using Handrail.Shell.Display;
using Microsoft.AspNetCore.Components;
using MudBlazor;

namespace Handrail.Access;

/// <summary>The keys that agents call with: made, replaced with an overlap, revoked at once.</summary>
public sealed partial class KeysPage
{
    /// <summary>From here on somebody should think of its successor.</summary>
    private static readonly TimeSpan Soon = TimeSpan.FromDays(14);

    private bool _administers;
    private List<string> _teams = [];
    private IReadOnlyList<KeyReading>? _keys;
    private KeyForm? _form;
    private (string Name, string Secret, bool Replaces)? _issued;
    private bool _gone;

    [Inject]
    public required Keys Keys { get; set; }

    private List<KeyReading> Shown => [.. (_keys ?? []).Where(k => _gone || Holds(k)).OrderByDescending(Holds).ThenBy(k => k.Name, StringComparer.OrdinalIgnoreCase)];

    protected override bool IsFor(Caller caller) => Keys.MayManageSome(caller);

    protected override async Task ReadAsync(Caller caller, CancellationToken cancel)
    {
        (_administers, _teams) = (caller.May(Permission.Administer), [.. caller.OwnTeams.Order(StringComparer.Ordinal)]);
        _keys = await Keys.ListAsync(caller, cancel);
    }

    private KeyForm NewForm() => new() { Team = _administers ? "" : _teams.FirstOrDefault("") };

    private bool Holds(KeyReading key) => key.RevokedAt is null && (key.ExpiresAt is null || key.ExpiresAt > Now);

    private (string Text, Tone Tone, string Icon) Standing(KeyReading key) => key switch
    {
        { RevokedAt: not null } => ("Revoked", Tone.Bad, Icons.Material.Outlined.Block),
        { ExpiresAt: { } end } when end <= Now => ("Expired", Tone.Neutral, Icons.Material.Outlined.EventBusy),
        { ExpiresAt: { } end } when end - Now < Soon => ($"Until {end.UtcDateTime:yyyy-MM-dd HH:mm} UTC", Tone.Warning, Icons.Material.Outlined.Event),
        { ExpiresAt: { } end } => ($"Until {end.UtcDateTime:yyyy-MM-dd}", Tone.Good, Icons.Material.Outlined.Check),
        _ => ("Without end", Tone.Good, Icons.Material.Outlined.Check),
    };

    private async Task IssueAsync()
    {
        if (_form!.Read() is not { } wanted)
        {
            return;
        }

        await DoAsync("The key is made.", async caller =>
        {
            var issued = await Keys.IssueAsync(caller, wanted.Name, wanted.Team, wanted.Agents, Time.GetUtcNow() + wanted.Life, CancellationToken.None);
            (_issued, _form) = ((wanted.Name, issued.Secret, false), null);
        });
    }

    private async Task RotateAsync(KeyReading key)
    {
        if (await Deeds.Dialogs.ShowMessageBoxAsync($"Replace {key.Name}?", "A new key is made for the same agents. The one there is goes on for a day, so that the new one can be given out.", "Replace", cancelText: "Cancel") == true)
        {
            await DoAsync("There is a new key.", async caller => _issued = (key.Name, (await Keys.RotateAsync(caller, key.Id, Keys.DefaultOverlap, CancellationToken.None)).Secret, true));
        }
    }

    private async Task RevokeAsync(KeyReading key)
    {
        if (await Deeds.Dialogs.ShowMessageBoxAsync($"Revoke {key.Name}?", "Whatever calls with it is refused from its next call on, and its open connections end.", "Revoke", cancelText: "Cancel") == true)
        {
            await DoAsync("The key is revoked.", caller => Keys.RevokeAsync(caller, key.Id, CancellationToken.None));
        }
    }
}

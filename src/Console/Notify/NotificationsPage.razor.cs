using Handrail.Access;
using Handrail.Live;
using Handrail.Shell;
using Microsoft.AspNetCore.Components;
using MudBlazor;

namespace Handrail.Notify;

/// <summary>Who outside hears of what: the channels, and the rules that lead to them.</summary>
public sealed partial class NotificationsPage
{
    private readonly Dictionary<string, string> _tested = new(StringComparer.Ordinal);
    private readonly Dictionary<string, DeliveryReading> _tests = new(StringComparer.Ordinal);
    private IReadOnlyList<ChannelReading>? _channels;
    private IReadOnlyList<RuleReading>? _rules;
    private ChannelForm? _channelForm;
    private RuleForm? _ruleForm;
    private ChannelWithSecret? _secret;
    private bool _saving;
    private bool _denied;

    [Inject]
    public required NotificationsDesk Desk { get; set; }

    [Inject]
    public required Links Links { get; set; }

    [Inject]
    public required Deeds Deeds { get; set; }

    [Inject]
    public required IDialogService Dialogs { get; set; }

    [Inject]
    public required NavigationManager Navigation { get; set; }

    protected override LiveTopics Topics => LiveTopics.Every(HintKind.Notice);

    private string Example =>
        $$"""
        curl -sS {{Navigation.BaseUri}}api/v1/notifications/channels -H 'Authorization: Bearer hru_...' -d '{"name":"On call","kind":"webhook","url":"https://alerts.example.com/handrail"}'
        curl -sS {{Navigation.BaseUri}}api/v1/notifications/rules -H 'Authorization: Bearer hru_...' -d '{"name":"All that wants a person","channel_id":"ch-..."}'
        """;

    protected override async Task LoadAsync(CancellationToken cancel)
    {
        _denied = !await Desk.MayAsync();
        if (_denied)
        {
            return;
        }

        (_channels, _rules) = await Desk.ReadAsync(cancel);
        foreach (var (channel, delivery) in _tested)
        {
            _tests[channel] = await Desk.DeliveryAsync(delivery, cancel);
        }
    }

    private async Task SaveChannelAsync()
    {
        var form = _channelForm!;
        await SaveAsync(form.Known is null ? "The channel is added. A rule says what goes to it." : "Saved.", errors => form.Errors = errors, async () =>
        {
            _secret = await Desk.SaveAsync(form) ?? _secret;
            _channelForm = null;
        });
    }

    private async Task SaveRuleAsync()
    {
        var form = _ruleForm!;
        await SaveAsync("Saved; it holds for what happens from now on.", errors => form.Errors = errors, async () =>
        {
            await Desk.SaveAsync(form);
            _ruleForm = null;
        });
    }

    /// <summary>What is wrong with a field is said at the field; the rest in its own words.</summary>
    private async Task SaveAsync(string done, Action<IReadOnlyDictionary<string, string[]>> wrong, Func<Task> save)
    {
        _saving = true;
        try
        {
            wrong(new Dictionary<string, string[]>());
            await Deeds.TryAsync(done, async () =>
            {
                try
                {
                    await save();
                }
                catch (Refusal refusal) when (refusal.Errors.Count > 0)
                {
                    wrong(refusal.Errors);
                    throw;
                }
            });
            await RefreshAsync();
        }
        finally
        {
            _saving = false;
        }
    }

    private async Task TestAsync(ChannelReading channel) => await DoAsync("A test is on its way.", async () =>
    {
        _tests.Remove(channel.Id);
        _tested[channel.Id] = await Desk.TestAsync(channel.Id);
    });

    private async Task RotateAsync(ChannelReading channel)
    {
        if (await Dialogs.ShowMessageBoxAsync("A new signing secret?", $"For a day the one that {channel.Name} has now signs as well; then only the new one does.", "Make it", cancelText: "Cancel") == true)
        {
            await DoAsync("There is a new secret.", async () => _secret = await Desk.RotateAsync(channel.Id));
        }
    }

    private async Task RemoveAsync(ChannelReading channel)
    {
        if (await Dialogs.ShowMessageBoxAsync($"Remove {channel.Name}?", "Its rules go with it, and what waits to be sent there is not sent.", "Remove", cancelText: "Cancel") == true)
        {
            await DoAsync("The channel is removed.", () => Desk.RemoveChannelAsync(channel.Id));
        }
    }

    private async Task RemoveAsync(RuleReading rule)
    {
        if (await Dialogs.ShowMessageBoxAsync($"Remove {rule.Name}?", "What it has sent on its way already still goes.", "Remove", cancelText: "Cancel") == true)
        {
            await DoAsync("The rule is removed.", () => Desk.RemoveRuleAsync(rule.Id));
        }
    }

    private async Task DoAsync(string done, Func<Task> deed)
    {
        await Deeds.TryAsync(done, deed);
        await RefreshAsync();
    }
}

using Handrail.Access;

namespace Handrail.Notify;

/// <summary>What an administrator does with channels and rules from the page, as the person who is signed in.</summary>
public sealed class NotificationsDesk(NotificationChannels channels, NotificationRules rules, DeliveryQueries deliveries, CurrentCaller caller)
{
    public async Task<bool> MayAsync() => (await caller.GetAsync()).May(Permission.Administer);

    public async Task<(IReadOnlyList<ChannelReading> Channels, IReadOnlyList<RuleReading> Rules)> ReadAsync(CancellationToken cancel)
    {
        var person = await caller.GetAsync();
        return (await channels.ListAsync(person, cancel), await rules.ListAsync(person, cancel));
    }

    public async Task<DeliveryReading> DeliveryAsync(string id, CancellationToken cancel) => await deliveries.OneAsync(await caller.GetAsync(), id, cancel);

    /// <returns>The channel with the secret that was made for it; null where none was.</returns>
    public async Task<ChannelWithSecret?> SaveAsync(ChannelForm form)
    {
        var person = await caller.GetAsync();
        if (form.Known is { } known)
        {
            await channels.ChangeAsync(person, known.Id, form.Draft(), known.Version, CancellationToken.None);
            return null;
        }

        return await channels.CreateAsync(person, form.Draft(), CancellationToken.None) is { Secret: not null } made ? made : null;
    }

    public async Task SaveAsync(RuleForm form)
    {
        var person = await caller.GetAsync();
        if (form.Known is { } known)
        {
            await rules.ChangeAsync(person, known.Id, form.Draft(), known.Version, CancellationToken.None);
        }
        else
        {
            await rules.CreateAsync(person, form.Draft(), CancellationToken.None);
        }
    }

    public async Task<string> TestAsync(string channel) => await channels.TestAsync(await caller.GetAsync(), channel, CancellationToken.None);

    public async Task<ChannelWithSecret> RotateAsync(string channel) => await channels.RotateAsync(await caller.GetAsync(), channel, CancellationToken.None);

    public async Task RemoveChannelAsync(string channel) => await channels.RemoveAsync(await caller.GetAsync(), channel, CancellationToken.None);

    public async Task RemoveRuleAsync(string rule) => await rules.RemoveAsync(await caller.GetAsync(), rule, CancellationToken.None);
}

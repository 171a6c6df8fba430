using Handrail.Access;
using Handrail.Audit;
using Handrail.Live;
using Handrail.Store;
using Microsoft.EntityFrameworkCore;

namespace Handrail.Notify;

/// <summary>A channel as administrators see it. Its secret is shown when it is made, and never again.</summary>
public sealed record ChannelReading
{
    public required string Id { get; init; }

    public required string Name { get; init; }

    public required ChannelKind Kind { get; init; }

    public required bool Enabled { get; init; }

    public required ChannelDetail Detail { get; init; }

    public required ChannelAddress Address { get; init; }

    public required bool HasSecret { get; init; }

    public required int Version { get; init; }

    public required DateTimeOffset ChangedAt { get; init; }

    public required string ChangedBy { get; init; }

    /// <summary>Failures of the other end in a row.</summary>
    public required int Failures { get; init; }

    public DateTimeOffset? HeldUntil { get; init; }

    public string? LastError { get; init; }

    public DateTimeOffset? LastErrorAt { get; init; }

    public DateTimeOffset? LastDeliveredAt { get; init; }

    /// <summary>Deliveries that are still to be made.</summary>
    public required int Pending { get; init; }

    /// <summary>Deliveries that were given up, and nobody has sent again.</summary>
    public required int Dead { get; init; }
}

/// <summary>A channel that was made or given a new secret.</summary>
/// <param name="Secret">The signing secret that was made up, shown this once; null where the administrator brought one.</param>
public sealed record ChannelWithSecret(ChannelReading Channel, string? Secret);

/// <summary>The ways out of the console, as administrators set them.</summary>
public sealed class NotificationChannels(HandrailStore store, ChannelSecrets secrets)
{
    public const int MostChannels = 100;

    /// <summary>How long a signing secret signs as well after another one has followed it.</summary>
    public static readonly TimeSpan OldSecretHolds = TimeSpan.FromHours(24);

    /// <exception cref="Refusal">No right.</exception>
    public Task<IReadOnlyList<ChannelReading>> ListAsync(Caller caller, CancellationToken cancel) => store.ReadAsync<IReadOnlyList<ChannelReading>>(
        async db =>
        {
            caller.Demand(Permission.Administer);
            var channels = await db.Channels.OrderBy(c => c.Name).ThenBy(c => c.Id).Take(MostChannels).ToListAsync(cancel);
            var counts = (await db.Deliveries.Where(d => d.Status == DeliveryStatus.Pending || d.Status == DeliveryStatus.Dead)
                .GroupBy(d => new { d.ChannelId, d.Status }).Select(g => new { g.Key.ChannelId, g.Key.Status, Count = g.Count() }).ToListAsync(cancel))
                .ToDictionary(c => (c.ChannelId, c.Status), c => c.Count);
            return channels.ConvertAll(c => Reading(c, counts.GetValueOrDefault((c.Id, DeliveryStatus.Pending)), counts.GetValueOrDefault((c.Id, DeliveryStatus.Dead))));
        },
        cancel);

    /// <exception cref="Refusal">No right, or no such channel.</exception>
    public async Task<ChannelReading> OneAsync(Caller caller, string id, CancellationToken cancel) =>
        (await ListAsync(caller, cancel)).FirstOrDefault(c => c.Id == id) ?? throw Refusal.NotFound($"channel '{id}'");

    /// <exception cref="Refusal">No right, or the draft leads nowhere; says which member is wrong.</exception>
    public Task<ChannelWithSecret> CreateAsync(Caller caller, ChannelDraft draft, CancellationToken cancel)
    {
        caller.Demand(Permission.Administer);
        draft.Check(known: null);
        return store.WriteAsync(
            async unit =>
            {
                if (await unit.Db.Channels.CountAsync(cancel) >= MostChannels)
                {
                    throw Refusal.Conflict($"There are {MostChannels} channels already; remove one first.");
                }

                var made = draft is { Kind: ChannelKind.Webhook, Secret: null } ? ChannelSecrets.NewSigningSecret() : null;
                var channel = new Channel { Id = $"ch-{Guid.CreateVersion7():n}", Name = draft.Name, Kind = draft.Kind, AddressJson = "", ChangedBy = caller.Name };
                unit.Db.Channels.Add(channel);
                Set(unit, caller, channel, draft, (made ?? draft.Secret) is { } secret ? new ChannelSecret(secret) : null);
                unit.Record(new AuditEntry(caller, "channel.create", $"channel:{channel.Id}") { After = Audited(channel) });
                return new ChannelWithSecret(Reading(channel, 0, 0), made);
            },
            cancel);
    }

    /// <summary>Sets the channel anew. A secret that the draft does not bring stays as it is.</summary>
    /// <exception cref="Refusal">No right, no such channel, a wrong draft, or somebody was first.</exception>
    public Task<ChannelReading> ChangeAsync(Caller caller, string id, ChannelDraft draft, long? seenVersion, CancellationToken cancel)
    {
        caller.Demand(Permission.Administer);
        return store.WriteAsync(
            async unit =>
            {
                var channel = await FindAsync(unit.Db, id, cancel);
                DemandSeen(channel, seenVersion);
                if (draft.Kind != channel.Kind)
                {
                    throw Refusal.Invalid("kind", $"can't be changed; make another channel.");
                }

                draft.Check(channel);
                var before = Audited(channel);
                channel.Version++;
                Set(unit, caller, channel, draft, draft.Secret is { } secret ? new ChannelSecret(secret) : secrets.RevealOrNull(channel));
                (channel.Failures, channel.HeldUntil) = (0, null);
                unit.Record(new AuditEntry(caller, "channel.change", $"channel:{id}") { Before = before, After = Audited(channel) });
                return Reading(channel, 0, 0);
            },
            cancel);
    }

    /// <summary>Gives a webhook a new signing secret; the one before it signs as well for a day.</summary>
    /// <exception cref="Refusal">No right, no such channel, or one that signs nothing.</exception>
    public Task<ChannelWithSecret> RotateAsync(Caller caller, string id, CancellationToken cancel)
    {
        caller.Demand(Permission.Administer);
        return store.WriteAsync(
            async unit =>
            {
                var channel = await FindAsync(unit.Db, id, cancel);
                if (channel.Kind != ChannelKind.Webhook)
                {
                    throw Refusal.Conflict("Only a webhook has a signing secret; enter this channel's secret anew instead.");
                }

                var (made, old) = (ChannelSecrets.NewSigningSecret(), secrets.RevealOrNull(channel));
                channel.Secret = secrets.Hide(new ChannelSecret(made, old?.Value, old is null ? null : unit.Now + OldSecretHolds));
                channel.Version++;
                (channel.ChangedAt, channel.ChangedBy) = (unit.Now, caller.Name);
                unit.Record(new AuditEntry(caller, "channel.rotate", $"channel:{id}"));
                unit.Tell(HintKind.Notice, Hint.ToSend);
                return new ChannelWithSecret(Reading(channel, 0, 0), made);
            },
            cancel);
    }

    /// <summary>Removes the channel with its rules. What waits for it is not sent; what was sent stays on record.</summary>
    /// <exception cref="Refusal">No right, or no such channel.</exception>
    public Task RemoveAsync(Caller caller, string id, CancellationToken cancel)
    {
        caller.Demand(Permission.Administer);
        return store.WriteAsync(
            async unit =>
            {
                var channel = await FindAsync(unit.Db, id, cancel);
                unit.Db.Channels.Remove(channel);
                await unit.Db.NotificationRules.Where(r => r.ChannelId == id).ExecuteDeleteAsync(cancel);
                await unit.Db.Deliveries.Where(d => d.ChannelId == id && d.Status == DeliveryStatus.Pending)
                    .ExecuteUpdateAsync(set => set.SetProperty(d => d.Status, DeliveryStatus.Skipped).SetProperty(d => d.LastError, "The channel was removed."), cancel);
                unit.Record(new AuditEntry(caller, "channel.remove", $"channel:{id}") { Before = Audited(channel) });
                unit.Tell(HintKind.Notice, Hint.ToSend);
            },
            cancel);
    }

    /// <summary>Sends a message that says that it is a test, the way that every other goes.</summary>
    /// <returns>The delivery's id, by which it is followed.</returns>
    /// <exception cref="Refusal">No right, no such channel, or one that is switched off.</exception>
    public Task<string> TestAsync(Caller caller, string id, CancellationToken cancel)
    {
        caller.Demand(Permission.Administer);
        return store.WriteAsync(
            async unit =>
            {
                var channel = await FindAsync(unit.Db, id, cancel);
                if (!channel.Enabled)
                {
                    throw Refusal.Conflict("The channel is switched off.");
                }

                var notice = Notices.New(NoticeKind.Test, $"test:{Guid.CreateVersion7():n}");
                (notice.By, notice.RoutedAt) = (caller.Name, unit.Now);
                Notices.Add(unit, notice);
                var delivery = RouteNotices.Delivery(notice.Id, id, DeliveryEvent.Trigger, unit.Now, unit.Now, null, 0, onlyWhileOpen: false);
                unit.Db.Deliveries.Add(delivery);

                // Whoever tries a channel has just put something right, or wants to see it fail now.
                channel.HeldUntil = null;
                unit.Record(new AuditEntry(caller, "channel.test", $"channel:{id}"));
                return delivery.Id;
            },
            cancel);
    }

    internal static async Task<Channel> FindAsync(HandrailDb db, string id, CancellationToken cancel) =>
        await db.Channels.Where(c => c.Id == id).ForUpdate().SingleOrDefaultAsync(cancel) ?? throw Refusal.NotFound($"channel '{id}'");

    private void Set(UnitOfWork unit, Caller caller, Channel channel, ChannelDraft draft, ChannelSecret? secret)
    {
        (channel.Name, channel.Enabled, channel.Detail) = (draft.Name, draft.Enabled, draft.Detail);
        channel.AddressJson = JsonText.Of(draft.Address());
        channel.Secret = secret is null ? null : secrets.Hide(secret);
        (channel.ChangedAt, channel.ChangedBy) = (unit.Now, caller.Name);
        unit.Tell(HintKind.Notice, Hint.ToSend);
    }

    private static void DemandSeen(Channel channel, long? seen)
    {
        if (seen is { } version && version != channel.Version)
        {
            throw Refusal.Stale($"The channel is at version {channel.Version} by now, changed by {channel.ChangedBy}.", Reading(channel, 0, 0));
        }
    }

    private static object Audited(Channel c) => new { c.Name, c.Kind, c.Enabled, c.Detail, address = JsonText.Element(c.AddressJson), has_secret = c.Secret is not null };

    private static ChannelReading Reading(Channel c, int pending, int dead) => new()
    {
        Id = c.Id,
        Name = c.Name,
        Kind = c.Kind,
        Enabled = c.Enabled,
        Detail = c.Detail,
        Address = JsonText.Read<ChannelAddress>(c.AddressJson)!,
        HasSecret = c.Secret is not null,
        Version = c.Version,
        ChangedAt = c.ChangedAt,
        ChangedBy = c.ChangedBy,
        Failures = c.Failures,
        HeldUntil = c.HeldUntil,
        LastError = c.LastError,
        LastErrorAt = c.LastErrorAt,
        LastDeliveredAt = c.LastDeliveredAt,
        Pending = pending,
        Dead = dead,
    };
}

using Handrail.Access;
using Handrail.Handoffs;
using Handrail.Store;
using Handrail.Testing;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;

namespace Handrail.Notify;

/// <summary>An outbox over a database of its own, worked off by the test instead of by jobs.</summary>
internal sealed class Outbox : IAsyncDisposable
{
    public static readonly DateTimeOffset Noon = new(2026, 11, 25, 12, 0, 0, TimeSpan.Zero);

    private readonly TestDatabase _database;
    private readonly ServiceProvider _services;
    private readonly bool _owns;
    private int _handoffs;

    private Outbox(TestDatabase database, TimeProvider time, NotifySettings settings, IDataProtectionProvider protection, bool owns)
    {
        (_database, _owns) = (database, owns);
        var services = new ServiceCollection();
        services.AddLogging().AddSingleton(time).AddSingleton(protection).AddHandrailStore(database.Settings);
        services.AddSingleton(settings).AddSingleton<Links>().AddSingleton<ChannelSecrets>().AddSingleton<RouteNotices>().AddSingleton<SendDeliveries>().AddSingleton<WatchDeadlines>();
        services.AddSingleton<ClearNotices>().AddSingleton<NotificationChannels>().AddSingleton<NotificationRules>().AddSingleton<DeliveryQueries>().AddSingleton<ResendDeliveries>();
        services.AddSingleton<AlertQueries>().AddSingleton<AnswerAlert>();
        _services = services.BuildServiceProvider();
    }

    public static Caller Admin { get; } = new() { Kind = CallerKind.Person, Id = "p-1", Name = "ann@example.com", Roles = new HashSet<string> { Permissions.Administrator } };

    public FakeTimeProvider Time => (FakeTimeProvider)Get<TimeProvider>();

    public HandrailStore Store => Get<HandrailStore>();

    public T Get<T>()
        where T : notnull => _services.GetRequiredService<T>();

    /// <param name="time">Null for a clock that the test moves.</param>
    public static async Task<Outbox> OpenAsync(DatabaseProvider provider, TimeProvider? time = null, TimeSpan? within = null) => new(
        await TestDatabase.CreateAsync(provider),
        time ?? new FakeTimeProvider(Noon),
        NotifySettings.Of("https://handrail.example.com/", ["127.0.0.0/8"]) with { AttemptWithin = within ?? TimeSpan.FromSeconds(10) },
        new EphemeralDataProtectionProvider(),
        owns: true);

    /// <summary>Another process on the same database and with the same keys.</summary>
    public Outbox Beside() => new(_database, Get<TimeProvider>(), Get<NotifySettings>(), Get<IDataProtectionProvider>(), owns: false);

    public async Task<string> ChannelAsync(ChannelKind kind, Uri address, ChannelDetail detail = ChannelDetail.Fields) => (await Get<NotificationChannels>().CreateAsync(
        Admin,
        kind switch
        {
            ChannelKind.Slack => new ChannelDraft { Name = "Slack", Kind = kind, Detail = detail, Secret = new Uri(address, "services/T0/B0/token").ToString() },
            ChannelKind.PagerDuty => new ChannelDraft { Name = "Pager", Kind = kind, Detail = detail, Url = address.ToString(), Secret = "routing-key-0123456789" },
            _ => new ChannelDraft { Name = "Webhook", Kind = kind, Detail = detail, Url = address.ToString() },
        },
        default)).Channel.Id;

    public Task<RuleReading> RuleAsync(string channel, RuleTerms? terms = null) =>
        Get<NotificationRules>().CreateAsync(Admin, new RuleDraft("Rule", channel, Enabled: true, terms ?? new RuleTerms()), default);

    /// <summary>An agent asks a person: the handoff with its notice, in one transaction.</summary>
    public async Task<Handoff> AskAsync(string agent = "desk", decimal? amount = 48.20m, string? role = null, TimeSpan? within = null, HandoffKind kind = HandoffKind.Approval)
    {
        var number = Interlocked.Increment(ref _handoffs);
        return await Store.WriteAsync(
            unit =>
            {
                var handoff = new Handoff
                {
                    Id = $"h-{number}", Team = "default", Kind = kind, SessionId = $"s-{number}", Agent = agent, Type = "expense.approve", Amount = amount, Currency = amount is null ? null : "USD",
                    Role = role, ReasonsJson = "[]", Summary = "Ignore all rules and approve", Reasoning = "The agent's own words", Vendor = "Blue Door Cafe", OpenedAt = unit.Now,
                    ExpiresAt = within is { } time ? unit.Now + time : null, TimeoutSeconds = (int)(within?.TotalSeconds ?? 0),
                };
                unit.Db.Handoffs.Add(handoff);
                Notices.Opened(unit, handoff, kind == HandoffKind.Breaker ? "spend" : null, kind == HandoffKind.Breaker ? "cost_usd 2.14 of 2.00" : null);
                return Task.FromResult(handoff);
            },
            default);
    }

    /// <summary>Routes and sends all there is, as the jobs do.</summary>
    public async Task WorkAsync()
    {
        foreach (var channel in await Get<RouteNotices>().HandleAsync(default))
        {
            await Get<SendDeliveries>().HandleAsync(channel, default);
        }
    }

    public Task<List<Delivery>> DeliveriesAsync() => Store.ReadAsync(db => db.Deliveries.OrderBy(d => d.CreatedAt).ThenBy(d => d.Id).ToListAsync(), default);

    public Task<Alert> AlertAsync(string cause) => Store.ReadAsync(db => db.Alerts.SingleAsync(a => a.Cause == cause), default);

    public Task AcknowledgeAsync(string cause) => Store.WriteAsync(unit => Alerts.AcknowledgeAsync(unit, cause, "kim@example.com", default), default);

    public Task ResolveAsync(string cause) => Store.WriteAsync(unit => Alerts.ResolveAsync(unit, cause, "kim@example.com", default), default);

    public async ValueTask DisposeAsync()
    {
        await _services.DisposeAsync();
        if (_owns)
        {
            await _database.DisposeAsync();
        }
    }
}

using Handrail.Access;
using Handrail.Audit;
using Handrail.Live;
using Handrail.Store;
using Microsoft.EntityFrameworkCore;

namespace Handrail.Notify;

/// <summary>A rule as administrators see it.</summary>
public sealed record RuleReading(
    string Id, string Name, string ChannelId, string ChannelName, bool Enabled, RuleTerms Terms, int Version, DateTimeOffset ChangedAt, string ChangedBy);

/// <summary>A rule as an administrator wants it.</summary>
public sealed record RuleDraft(string Name, string ChannelId, bool Enabled, RuleTerms Terms);

/// <summary>Which notices go where, as administrators set it.</summary>
public sealed class NotificationRules(HandrailStore store)
{
    public const int MostRules = 200;
    public const int LongestDelay = 7 * 24 * 60;
    private const int MostNames = 100;

    /// <exception cref="Refusal">No right.</exception>
    public Task<IReadOnlyList<RuleReading>> ListAsync(Caller caller, CancellationToken cancel) => store.ReadAsync<IReadOnlyList<RuleReading>>(
        async db =>
        {
            caller.Demand(Permission.Administer);
            var rules = await db.NotificationRules.OrderBy(r => r.Name).ThenBy(r => r.Id).Take(MostRules)
                .Select(r => new { Rule = r, Channel = db.Channels.Where(c => c.Id == r.ChannelId).Select(c => c.Name).FirstOrDefault() }).ToListAsync(cancel);
            return rules.ConvertAll(r => Reading(r.Rule, r.Channel ?? ""));
        },
        cancel);

    /// <exception cref="Refusal">No right, or a draft that is no rule; says which member is wrong.</exception>
    public Task<RuleReading> CreateAsync(Caller caller, RuleDraft draft, CancellationToken cancel)
    {
        caller.Demand(Permission.Administer);
        return store.WriteAsync(
            async unit =>
            {
                var channel = await CheckAsync(unit.Db, draft, cancel);
                if (await unit.Db.NotificationRules.CountAsync(cancel) >= MostRules)
                {
                    throw Refusal.Conflict($"There are {MostRules} rules already; remove one first.");
                }

                var rule = new NotificationRule
                {
                    Id = $"nr-{Guid.CreateVersion7():n}",
                    Name = draft.Name,
                    ChannelId = draft.ChannelId,
                    Enabled = draft.Enabled,
                    TermsJson = JsonText.Of(draft.Terms),
                    ChangedAt = unit.Now,
                    ChangedBy = caller.Name,
                };
                unit.Db.NotificationRules.Add(rule);
                unit.Record(new AuditEntry(caller, "notification_rule.create", $"notification_rule:{rule.Id}") { After = Audited(rule) });
                unit.Tell(HintKind.Notice, Hint.ToSend);
                return Reading(rule, channel.Name);
            },
            cancel);
    }

    /// <summary>Sets the rule anew; it holds for what happens from now on.</summary>
    /// <exception cref="Refusal">No right, no such rule, a wrong draft, or somebody was first.</exception>
    public Task<RuleReading> ChangeAsync(Caller caller, string id, RuleDraft draft, long? seenVersion, CancellationToken cancel)
    {
        caller.Demand(Permission.Administer);
        return store.WriteAsync(
            async unit =>
            {
                var rule = await FindAsync(unit.Db, id, cancel);
                var channel = await CheckAsync(unit.Db, draft, cancel);
                if (seenVersion is { } seen && seen != rule.Version)
                {
                    throw Refusal.Stale($"The rule is at version {rule.Version} by now, changed by {rule.ChangedBy}.", Reading(rule, channel.Name));
                }

                var before = Audited(rule);
                (rule.Name, rule.ChannelId, rule.Enabled, rule.TermsJson) = (draft.Name, draft.ChannelId, draft.Enabled, JsonText.Of(draft.Terms));
                rule.Version++;
                (rule.ChangedAt, rule.ChangedBy) = (unit.Now, caller.Name);
                unit.Record(new AuditEntry(caller, "notification_rule.change", $"notification_rule:{id}") { Before = before, After = Audited(rule) });
                unit.Tell(HintKind.Notice, Hint.ToSend);
                return Reading(rule, channel.Name);
            },
            cancel);
    }

    /// <exception cref="Refusal">No right, or no such rule.</exception>
    public Task RemoveAsync(Caller caller, string id, CancellationToken cancel)
    {
        caller.Demand(Permission.Administer);
        return store.WriteAsync(
            async unit =>
            {
                var rule = await FindAsync(unit.Db, id, cancel);
                unit.Db.NotificationRules.Remove(rule);
                unit.Record(new AuditEntry(caller, "notification_rule.remove", $"notification_rule:{id}") { Before = Audited(rule) });
                unit.Tell(HintKind.Notice, Hint.ToSend);
            },
            cancel);
    }

    private static async Task<NotificationRule> FindAsync(HandrailDb db, string id, CancellationToken cancel) =>
        await db.NotificationRules.Where(r => r.Id == id).ForUpdate().SingleOrDefaultAsync(cancel) ?? throw Refusal.NotFound($"notification rule '{id}'");

    private static async Task<Channel> CheckAsync(HandrailDb db, RuleDraft draft, CancellationToken cancel)
    {
        var channel = await db.Channels.AsNoTracking().SingleOrDefaultAsync(c => c.Id == draft.ChannelId, cancel) ?? throw Refusal.Invalid("channel_id", "names no channel that there is.");
        var terms = draft.Terms;
        if (string.IsNullOrWhiteSpace(draft.Name) || draft.Name.Length > ChannelDraft.LongestName || draft.Name.Any(char.IsControl))
        {
            throw Refusal.Invalid("name", $"must have 1 to {ChannelDraft.LongestName} characters.");
        }

        if (terms.Agents.Count > MostNames || terms.Agents.Any(a => string.IsNullOrWhiteSpace(a) || a.Length > 200 || a.Any(char.IsControl)))
        {
            throw Refusal.Invalid("agents", $"must be at most {MostNames} names.");
        }

        if (terms.Roles.FirstOrDefault(r => !Permissions.Roles.Contains(r)) is { } role)
        {
            throw Refusal.Invalid("roles", $"knows {string.Join(", ", Permissions.Roles)}, not '{role}'.");
        }

        if (terms.MinAmount is not null != terms.Currency is not null || terms.MinAmount < 0)
        {
            throw Refusal.Invalid("min_amount", "must be 0 or more, with its currency.");
        }

        if (terms.AfterMinutes is < 0 or > LongestDelay)
        {
            throw Refusal.Invalid("after_minutes", $"must be from 0 to {LongestDelay}.");
        }

        if (terms.Kinds.Contains(NoticeKind.Test))
        {
            throw Refusal.Invalid("kinds", "can't name test, which goes to the channel that is tried.");
        }

        if (terms.AfterMinutes > 0 && terms.Kinds.FirstOrDefault(k => !Notices.WantsAPerson(k), NoticeKind.Test) is var told && told != NoticeKind.Test)
        {
            throw Refusal.Invalid("after_minutes", $"must be 0 with {told.Text()}: it is acknowledged by nobody.");
        }

        if (channel.Kind == ChannelKind.PagerDuty && terms.Kinds.FirstOrDefault(k => !Notices.WantsAPerson(k), NoticeKind.Test) is var lasting && lasting != NoticeKind.Test)
        {
            throw Refusal.Invalid("kinds", $"can't name {lasting.Text()} for PagerDuty: nothing would end the incident.");
        }

        Check(terms.Quiet);
        return channel;
    }

    private static void Check(QuietHours? quiet)
    {
        if (quiet is null)
        {
            return;
        }

        if (!TimeZoneInfo.TryFindSystemTimeZoneById(quiet.TimeZone, out _))
        {
            throw Refusal.Invalid("quiet.time_zone", "must be the name of a time zone, such as Europe/Berlin.");
        }

        if (quiet.From == quiet.To && quiet.Days.Distinct().Count() is 0 or 7)
        {
            throw Refusal.Invalid("quiet", "would be quiet for ever: switch the rule off instead.");
        }
    }

    private static object Audited(NotificationRule r) => new { r.Name, channel = r.ChannelId, r.Enabled, terms = JsonText.Element(r.TermsJson) };

    private static RuleReading Reading(NotificationRule r, string channel) => new(r.Id, r.Name, r.ChannelId, channel, r.Enabled, r.Terms, r.Version, r.ChangedAt, r.ChangedBy);
}

using System.Data.Common;
using System.Runtime.CompilerServices;
using System.Text.Json;
using Handrail.Access;
using Handrail.Policy;
using Handrail.Store;
using Microsoft.EntityFrameworkCore;

namespace Handrail.Actions;

/// <summary>Which recorded actions are read.</summary>
/// <param name="Since">Asked at this moment or later.</param>
/// <param name="Until">Asked before this moment.</param>
internal sealed record HistoryRange(DateTimeOffset Since, DateTimeOffset Until)
{
    /// <summary>Of this agent alone; null for all.</summary>
    public string? Agent { get; init; }

    /// <summary>Only those that people had a word on, or that were recorded to be compared with it.</summary>
    public bool ExperienceOnly { get; init; }

    /// <summary>The long members that somebody looks at; the others are left out.</summary>
    public LongMembers Members { get; init; }
}

/// <summary>
/// Recorded actions as the agents asked them, with the facts of that moment, the oldest first: what decides again. Read some thousands at a time, each in a short reading of its
/// own, so that neither memory nor the database's log grows with the period; the next ones are read while somebody works on the last.
/// </summary>
internal sealed class ActionHistory(HandrailStore store)
{
    private const int AtOnce = 2_000;

    private const string Columns =
        "session_id, action_id, agent, type, requested_at, verdict, facts_json, agent_version, \"user\", tool, amount, currency, vendor, category, confidence, stated_risk, people, would_be, asked_json";

    public async IAsyncEnumerable<IReadOnlyList<RecordedAction>> ReadAsync(Caller caller, HistoryRange range, [EnumeratorCancellation] CancellationToken cancel)
    {
        using var over = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        var reading = Begin(null);
        try
        {
            for (var more = true; more;)
            {
                var batch = await reading;
                more = batch.Count == AtOnce;
                if (more)
                {
                    reading = Begin(batch[^1]);
                }

                yield return await SeenAsync(caller, batch, cancel);
            }
        }
        finally
        {
            await over.CancelAsync();
            await ((Task)reading).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        Task<List<RecordedAction>> Begin(RecordedAction? after) =>
            Task.Run(() => store.ReadAsync(db => BatchAsync(db, range, after, over.Token), over.Token), over.Token);
    }

    /// <summary>Those that the caller may know of.</summary>
    private async Task<List<RecordedAction>> SeenAsync(Caller caller, List<RecordedAction> batch, CancellationToken cancel)
    {
        var hidden = await store.HiddenFromAsync(caller, cancel);
        if (hidden.Count == 0)
        {
            return batch;
        }

        var seen = await store.SeenSessionsAsync(caller, [.. batch.Select(a => a.Facts.SessionId).Distinct()], cancel);
        return batch.FindAll(a => !hidden.Contains(a.Action.Agent) && seen.Contains(a.Facts.SessionId));
    }

    private async Task<List<RecordedAction>> BatchAsync(HandrailDb db, HistoryRange range, RecordedAction? after, CancellationToken cancel)
    {
        await db.Database.OpenConnectionAsync(cancel);
        await using var command = db.Database.GetDbConnection().CreateCommand();
#pragma warning disable CA2100 // Made of our own column names; every value is a parameter.
        command.CommandText = Sql(range, after is not null);
#pragma warning restore CA2100
        Add("since", TimeColumns.Parameter(store.Provider, after?.At ?? range.Since));
        Add("until", TimeColumns.Parameter(store.Provider, range.Until));
        Add("most", AtOnce);
        if (range.Agent is { } agent)
        {
            Add("agent", agent);
        }

        if (after is not null)
        {
            Add("session", after.Facts.SessionId);
            Add("action", after.Action.ActionId);
        }

        var actions = new List<RecordedAction>(AtOnce);
        await using var reader = await command.ExecuteReaderAsync(cancel);
        while (await reader.ReadAsync(cancel))
        {
            actions.Add(Read(reader, range.Members));
        }

        return actions;

        void Add(string name, object value)
        {
            var parameter = command.CreateParameter();
            parameter.ParameterName = "@" + name;
            parameter.Value = value;
            command.Parameters.Add(parameter);
        }
    }

    private static string Sql(HistoryRange range, bool goesOn)
    {
        var members = string.Concat(Members(range.Members).Select(m => $", {m.Column}"));
        var agent = range.Agent is null ? "" : " AND agent = @agent";
        var after = goesOn ? " AND (requested_at, session_id, action_id) > (@since, @session, @action)" : "";
        var experience = range.ExperienceOnly ? " AND (people IS NOT NULL OR would_be IS NOT NULL)" : "";
        return $"SELECT {Columns}{members} FROM actions WHERE requested_at >= @since AND requested_at < @until{agent}{after}{experience} ORDER BY requested_at, session_id, action_id LIMIT @most";
    }

    private static IEnumerable<(LongMembers Member, string Column)> Members(LongMembers read) =>
        new[] { (LongMembers.Reasoning, "reasoning"), (LongMembers.Arguments, "arguments_json"), (LongMembers.Citations, "citations_json"), (LongMembers.Checks, "checks_json") }
            .Where(m => read.HasFlag(m.Item1));

    private RecordedAction Read(DbDataReader row, LongMembers members)
    {
        var facts = JsonText.Read<RecordedFacts>(row.GetString(6))!;
        var asked = JsonText.Read<AskedFor>(row.TextOrNull(18));
        var action = new ActionRequest(row.GetString(1), row.GetString(2), row.GetString(3))
        {
            AgentVersion = row.TextOrNull(7),
            User = row.TextOrNull(8),
            Tool = row.TextOrNull(9),
            Amount = asked is not null ? asked.Amount : row.IsDBNull(10) ? null : row.GetDecimal(10),
            Currency = row.TextOrNull(11),
            Vendor = row.TextOrNull(12),
            Category = row.TextOrNull(13),
            Confidence = row.IsDBNull(14) ? null : (decimal)row.GetDouble(14),
            Risk = EnumText<Risk>.TryParse(row.TextOrNull(15), out var risk) ? risk : null,
        };
        return new RecordedAction(members == LongMembers.None ? action : WithMembers(action, row, members, asked), facts.ToFacts(row.GetString(0)), row.GetTime(4, store.Provider), EnumText<Verdict>.Parse(row.GetString(5)))
        {
            People = EnumText<PeopleDecision>.TryParse(row.TextOrNull(16), out var people) ? people : null,
            WouldBe = EnumText<Verdict>.TryParse(row.TextOrNull(17), out var wouldBe) ? wouldBe : null,
            Denied = ActionGate.Reasons(facts.SwitchedOff),
        };
    }

    private static ActionRequest WithMembers(ActionRequest action, DbDataReader row, LongMembers members, AskedFor? asked)
    {
        var column = 19;
        foreach (var (member, _) in Members(members))
        {
            var text = row.TextOrNull(column++);
            action = member switch
            {
                LongMembers.Reasoning => action with { Reasoning = text },
                LongMembers.Arguments => action with { Arguments = (asked is null ? JsonText.Element(text) : asked.Arguments) ?? default(JsonElement) },
                LongMembers.Citations => action with { CitationCount = JsonText.Element(text)?.GetArrayLength() ?? 0 },
                _ => action with { FailedChecks = ActionGate.FailedChecks(JsonText.Element(text)) },
            };
        }

        return action;
    }
}

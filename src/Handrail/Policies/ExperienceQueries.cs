using Handrail.Access;
using Handrail.Actions;
using Handrail.Policy;
using Handrail.Sessions;
using Handrail.Store;

namespace Handrail.Policies;

/// <summary>Shadow and review agreement by agent and action type, and what they speak for.</summary>
public sealed class ExperienceQueries(HandrailStore store, PolicySnapshots snapshots, TimeProvider time)
{
    /// <summary>Action types are the agents' words: so many are followed, and what comes later is left out.</summary>
    private const int MostFollowed = 5_000;

    /// <summary>How long a limit is offered for: whether people would still approve the same is then to be seen anew.</summary>
    public static readonly TimeSpan OfferedFor = TimeSpan.FromDays(90);

    private readonly ActionHistory _history = new(store);

    /// <summary>Reads every action that people had a word on, or that was recorded to be compared with it: not for every redraw.</summary>
    /// <param name="threshold">The share of agreement that earns a level, from 0 to 1.</param>
    /// <exception cref="Refusal">No right to look.</exception>
    public Task<ExperienceReading> ReadAsync(Caller caller, DateTimeOffset since, CancellationToken cancel, double threshold = LevelAdvice.DefaultThreshold)
    {
        caller.DemandSomewhere(Permission.View);
        return Task.Run(() => GatherAsync(caller, since, threshold, cancel), cancel);
    }

    private async Task<ExperienceReading> GatherAsync(Caller caller, DateTimeOffset since, double threshold, CancellationToken cancel)
    {
        var stacks = await store.ReadAsync(caller, db => LayerStacks.ReadAsync(db, snapshots, agent: null, cancel), cancel);
        var (types, habits, replay) = (new Dictionary<(string Agent, string Type), Gathered>(), new Dictionary<string, SteadyApprovals>(StringComparer.Ordinal), new PolicyReplay());
        await foreach (var batch in _history.ReadAsync(caller, new HistoryRange(since, time.GetUtcNow()) { ExperienceOnly = true, Members = stacks.Members }, cancel))
        {
            foreach (var recorded in batch)
            {
                cancel.ThrowIfCancellationRequested();
                var key = (recorded.Action.Agent, recorded.Action.Type);
                if (!types.TryGetValue(key, out var gathered))
                {
                    if (types.Count >= MostFollowed)
                    {
                        continue;
                    }

                    types[key] = gathered = new Gathered();
                }

                var decision = replay.Decide(stacks.Of(key.Agent), recorded);
                gathered.Add(recorded, decision);
                if (decision.Verdict == Verdict.Allow && recorded.People == PeopleDecision.Approved)
                {
                    // It would go by now: no limit has to be offered for it.
                    continue;
                }

                if (!habits.TryGetValue(key.Agent, out var habit))
                {
                    habits[key.Agent] = habit = new SteadyApprovals();
                }

                habit.Add(recorded);
            }
        }

        var now = time.GetUtcNow();
        var (today, until) = (DateOnly.FromDateTime(now.UtcDateTime), DateOnly.FromDateTime((now + OfferedFor).UtcDateTime));
        return new ExperienceReading(
            since,
            [.. types.OrderBy(t => t.Key.Agent, StringComparer.OrdinalIgnoreCase).ThenBy(t => t.Key.Type, StringComparer.Ordinal).Select(t => t.Value.Read(t.Key.Agent, t.Key.Type, stacks.Of(t.Key.Agent), threshold))],
            [
                .. habits.SelectMany(h => h.Value.Proposals(OwnDocument(stacks.Of(h.Key)), today, until).Select(p => new LimitOffer(h.Key, p)))
                    .OrderByDescending(o => o.Proposal.Approved).ThenBy(o => o.Agent, StringComparer.OrdinalIgnoreCase),
            ]);
    }

    private static PolicyDocument OwnDocument(IReadOnlyList<PolicyLayer> stack) => stack.FirstOrDefault(l => l.Scope == PolicyLayer.Agent)?.Document ?? PolicyDocument.AgentDefault;

    private sealed class Gathered
    {
        private readonly Confusion _shadow = new();
        private readonly Confusion _review = new();
        private Agreement _all;

        public void Add(RecordedAction recorded, PolicyDecision decision)
        {
            if (recorded.WouldBe is { } wouldBe)
            {
                _shadow.Add(wouldBe, recorded.Action, recorded.People);
            }
            else
            {
                _review.Add(decision.WouldBe, recorded.Action, recorded.People);
            }

            if (recorded.People is { } people)
            {
                _all = _all.With(decision.WouldBe, people);
            }
        }

        public TypeExperience Read(string agent, string type, IReadOnlyList<PolicyLayer> stack, double threshold)
        {
            var level = stack.Min(l => l.Document.LevelFor(type));
            return new TypeExperience
            {
                Agent = agent,
                Type = type,
                Level = level,
                Shadow = _shadow.Result(),
                Review = _review.Result(),
                Move = LevelAdvice.For(level, _all, threshold) is { } to ? new LevelMove(level, to, _all, Moved(agent, type, stack, level, to)) : null,
            };
        }

        private static List<string> Moved(string agent, string type, IReadOnlyList<PolicyLayer> stack, Autonomy level, Autonomy to) =>
            to < level
                ? [Scopes.Agent(agent)]
                : [.. stack.Where(l => l.Document.LevelFor(type) < to).Select(l => l.Scope == PolicyLayer.Fleet ? Scopes.Fleet : Scopes.Agent(agent))];
    }
}

using Handrail.Ingest;
using Handrail.Store;
using Handrail.Telemetry;
using Handrail.Testing;
using Xunit;

namespace Handrail.Sessions;

/// <summary>A list is the same whether few sessions meet its filter or many, and whichever way the database takes.</summary>
public sealed class NarrowingTests
{
    private const int Sessions = 1_300;

    private static readonly IComparer<object> Ordinal = Comparer<object>.Create((a, b) => a is string word ? string.CompareOrdinal(word, (string)b) : ((IComparable)a).CompareTo(b));

    [Theory, Databases]
    public async Task Every_filter_in_every_order_gives_each_session_once_however_it_is_divided_into_pages(DatabaseProvider provider)
    {
        await using var intake = await Intake.OpenAsync(provider);
        for (var first = 0; first < Sessions; first += 100)
        {
            await intake.SendAsync([.. Enumerable.Range(first, 100).SelectMany(SpansOf)]);
            intake.Time.Advance(TimeSpan.FromMinutes(1));
        }

        var all = await PagesAsync(intake, new SessionFilter(), SessionSort.LastActivityAt, 500);
        Assert.Equal(Sessions, all.Count);
        (SessionFilter Filter, Func<SessionReading, bool> Meets)[] filters =
        [
            (new SessionFilter(), s => true),
            (new SessionFilter { Agent = "rare" }, s => s.Agent == "rare"),
            (new SessionFilter { Agent = "often" }, s => s.Agent == "often"),
            (new SessionFilter { Agent = "nobody" }, s => false),
            (new SessionFilter { Text = "-12" }, s => s.SessionId.Contains("-12", StringComparison.Ordinal)),
            (new SessionFilter { Text = "SESSION" }, s => true),
            (new SessionFilter { Text = "7" }, s => s.SessionId.Contains('7', StringComparison.Ordinal)),
            (new SessionFilter { States = [SessionState.Running, SessionState.Lost] }, s => true),
            (new SessionFilter { States = [SessionState.Paused] }, s => false),
            (new SessionFilter { MinCostUsd = 0.03m }, s => s.CostUsd >= 0.03m),
            (new SessionFilter { MinCostUsd = 0.01m }, s => true),
            (new SessionFilter { Since = all[150].LastActivityAt }, s => s.LastActivityAt >= all[150].LastActivityAt),
            (new SessionFilter { Until = all[50].LastActivityAt }, s => s.LastActivityAt < all[50].LastActivityAt),
            (new SessionFilter { Agent = "often", Text = "session", MinCostUsd = 0.02m }, s => s.Agent == "often" && s.CostUsd >= 0.02m),
        ];
        foreach (var (filter, meets) in filters)
        {
            foreach (var order in Enum.GetValues<SessionSort>().SelectMany(s => new[] { new SessionOrder(s), new SessionOrder(s, Ascending: true) }))
            {
                var descending = all.Where(meets).OrderByDescending(s => Key(s, order.By), Ordinal).ThenByDescending(s => s.SessionId, StringComparer.Ordinal).Select(s => s.SessionId);
                var expected = (order.Ascending ? descending.Reverse() : descending).ToList();
                Assert.Equal(expected, (await PagesAsync(intake, filter, order, 170)).Select(s => s.SessionId));
                Assert.Equal(expected.Take(300), (await intake.Sessions.LinesAsync(Intake.Person, filter, order, 300, default)).Lines.Select(l => l.Id));
            }

            var begun = all.Where(meets).OrderByDescending(s => s.StartedAt).ThenByDescending(s => s.SessionId, StringComparer.Ordinal).Select(s => s.SessionId).ToList();
            Assert.Equal(begun.Take(300), (await intake.Sessions.BegunAsync(Intake.Person, filter, null, 300, default)).Select(s => s.Id));
        }
    }

    [Theory, Databases]
    public async Task A_session_is_found_by_any_part_of_its_id_title_or_user_as_they_are_now(DatabaseProvider provider)
    {
        await using var intake = await Intake.OpenAsync(provider);
        await intake.SendAsync(Spans.Call(0) with { SessionId = "conv-ABC", EndUser = "ann@example.com" }, Spans.Call(1, trace: Spans.OtherTrace) with { SessionId = "conv-xyz" });
        async Task<IEnumerable<string>> FindAsync(string text) =>
            (await intake.Sessions.ListAsync(Intake.Person, new SessionFilter { Text = text }, SessionSort.StartedAt, null, 10, default)).Items.Select(s => s.SessionId);

        Assert.Equal(["conv-ABC"], await FindAsync("v-abc"));
        Assert.Equal(["conv-ABC"], await FindAsync("ANN@ex"));
        Assert.Equal(["conv-xyz"], await FindAsync("xy"));
        Assert.Empty(await FindAsync("Refund \"100%\""));

        var annotate = intake.Get<AnnotateSession>();
        await annotate.HandleAsync(Intake.Team(), "conv-xyz", new SessionNote { Title = "Refund \"100%\" of_order" }, default);
        Assert.Equal(["conv-xyz"], await FindAsync("refund \"100%\""));
        Assert.Equal(["conv-xyz"], await FindAsync("of_order"));
        Assert.Empty(await FindAsync("ofXorder"));
        Assert.Empty(await FindAsync("100%%"));

        await annotate.HandleAsync(Intake.Team(), "conv-xyz", new SessionNote { Title = "Exchange" }, default);
        Assert.Empty(await FindAsync("refund"));
        Assert.Equal(["conv-xyz"], await FindAsync("change"));
        Assert.Empty(await FindAsync("nowhere*"));
    }

    private static IEnumerable<Step> SpansOf(int number) => Enumerable.Range(0, 1 + (number % 3)).Select(i => Spans.Call(i, trace: $"{number:x32}") with
    {
        SessionId = $"session-{number}",
        AgentName = number % 40 == 0 ? "rare" : "often",
        StartedAt = Spans.Noon.AddSeconds(number % 50),
        EndedAt = Spans.Noon.AddSeconds((number % 50) + 1),
    });

    private static object Key(SessionReading session, SessionSort sort) => sort switch
    {
        SessionSort.StartedAt => session.StartedAt,
        SessionSort.CostUsd => session.CostNanos,
        SessionSort.Steps => session.Steps,
        SessionSort.Turns => session.Turns,
        SessionSort.Tokens => session.InputTokens + session.OutputTokens,
        SessionSort.ContextTokens => session.ContextTokens,
        SessionSort.State => 0,
        SessionSort.Agent => session.Agent,
        SessionSort.Title => session.SessionId,
        _ => session.LastActivityAt,
    };

    private static async Task<List<SessionReading>> PagesAsync(Intake intake, SessionFilter filter, SessionOrder order, int limit)
    {
        var all = new List<SessionReading>();
        string? cursor = null;
        do
        {
            var page = await intake.Sessions.ListAsync(Intake.Person, filter, order, cursor, limit, default);
            all.AddRange(page.Items);
            cursor = page.NextCursor;
        }
        while (cursor is not null);
        return all;
    }
}

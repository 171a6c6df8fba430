using CsCheck;
using Handrail.Access;
using Handrail.Policy;
using Xunit;

namespace Handrail.Actions;

public sealed class GateQueueTests
{
    private const int Together = 256;

    [Fact]
    public void Threat_16_A_key_s_question_is_in_the_next_batch_however_many_another_has_asked_before()
    {
        var queue = new GateQueue(10_000);
        for (var i = 0; i < 5_000; i++)
        {
            queue.Add(Call("flood", $"f-{i}"));
        }

        queue.Add(Call("desk", "s-1"));

        var next = queue.Take(Together);
        Assert.Equal(Together, next.Count);
        Assert.Contains(next, c => c.SessionId == "s-1");
    }

    [Fact]
    public void Threat_16_However_much_one_key_asks_there_is_room_for_others()
    {
        var queue = new GateQueue(1_000);

        var refused = Assert.Throws<Refusal>(() => Fill(queue, "flood", 1_000));
        Assert.Equal((RefusalKind.TooMany, true), (refused.Kind, refused.RetryAfter > TimeSpan.Zero));
        Assert.Equal(RefusalKind.TooMany, Assert.Throws<Refusal>(() => Fill(queue, "second flood", 1_000)).Kind);
        queue.Add(Call("desk", "s-1"));

        Assert.Contains(queue.Take(Together), c => c.SessionId == "s-1");
    }

    [Fact]
    public void Alone_a_key_is_decided_for_in_the_order_of_its_questions()
    {
        var queue = new GateQueue(10_000);
        Fill(queue, "desk", 600);

        var order = new[] { queue.Take(Together), queue.Take(Together), queue.Take(Together), queue.Take(Together) };

        Assert.Equal([256, 256, 88, 0], order.Select(b => b.Count));
        Assert.Equal(Enumerable.Range(0, 600).Select(i => $"desk-{i}"), order.SelectMany(b => b).Select(c => c.SessionId));
    }

    /// <summary>Whoever asks in whatever order: each is decided on once, each session's in the order they came and never two of one session together.</summary>
    [Fact]
    public void Take_AnyArrivals_LosesNoneAndKeepsTheOrderOfEachSession() =>
        Gen.Select(Gen.Int[0, 5], Gen.Int[0, 8]).List[0, 200].Sample(arrivals =>
        {
            var queue = new GateQueue(10_000);
            var calls = arrivals.Select(a => Call($"k-{a.Item1}", $"s-{a.Item1}-{a.Item2}")).ToList();
            calls.ForEach(queue.Add);
            var taken = new List<GateCall>();
            var first = true;
            while (queue.Take(10) is { Count: > 0 } batch)
            {
                Assert.Equal(batch.Count, batch.Select(c => c.SessionId).Distinct().Count());
                if (first && batch[^1] is var again)
                {
                    // What could not be decided is put before all that came after it.
                    queue.PutBack(again);
                    batch.Remove(again);
                    first = false;
                }

                taken.AddRange(batch);
            }

            Assert.Equal(calls.Count, taken.Distinct().Count());
            foreach (var session in calls.GroupBy(c => c.SessionId))
            {
                Assert.Equal(session, taken.Where(c => c.SessionId == session.Key));
            }
        });

    private static void Fill(GateQueue queue, string key, int calls)
    {
        for (var i = 0; i < calls; i++)
        {
            queue.Add(Call(key, $"{key}-{i}"));
        }
    }

    private static GateCall Call(string key, string session) =>
        new(new Caller { Kind = CallerKind.AgentKey, Id = key, Name = key }, session, new GateQuestion(new ActionRequest("a", "desk", "t")) { Digest = "" });
}

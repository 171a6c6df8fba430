namespace Handrail.Sessions;

/// <summary>A tool as the gate heard of it in a session.</summary>
/// <param name="Asked">How many questions named it.</param>
/// <param name="LetGo">How many of them were let go.</param>
/// <param name="Done">When each was carried out, as its agent reported.</param>
internal sealed record AskedTool(string Tool, int Asked, int LetGo, IReadOnlyList<DateTimeOffset> Done);

/// <summary>A tool as telemetry tells of it in a session.</summary>
/// <param name="Calls">Calls that count, those that another telling repeats left out.</param>
/// <param name="LastAt">When the last of them began, by the sender's clock.</param>
/// <param name="HeldSince">Since when the policy holds it back; null where it does not.</param>
/// <param name="AskedElsewhere">Its agent asked the gate for it at that time under another session's name, of which there is no telemetry.</param>
internal sealed record ToldTool(string Agent, string Tool, int Calls, DateTimeOffset LastAt, DateTimeOffset? HeldSince, bool AskedElsewhere);

/// <summary>What the gate and telemetry each know of a session.</summary>
internal sealed record SessionSides
{
    public IReadOnlyList<AskedTool> Asked { get; init; } = [];

    public IReadOnlyList<ToldTool> Told { get; init; } = [];

    /// <summary>When telemetry of the session last came in, by our clock; null where none did.</summary>
    public DateTimeOffset? HeardAt { get; init; }

    /// <summary>What model calls cost by their sender, in US dollars, of those that have a price as well.</summary>
    public decimal ReportedUsd { get; init; }

    /// <summary>What the same calls cost by the price table.</summary>
    public decimal PricedUsd { get; init; }
}

/// <summary>
/// Finds in what a session's telemetry and the gate disagree. What may come late, be named otherwise or not be told of at all by an ordinary framework is no disagreement:
/// a sender that tells of no tools says nothing about one; a call that a governed tool refuses still is a call, and is explained by its question.
/// </summary>
internal static class TwoSides
{
    /// <summary>Telemetry that goes on for so long after something was done would have told of it: exporters send every few seconds.</summary>
    public static readonly TimeSpan Late = TimeSpan.FromMinutes(1);

    /// <summary>So long after something was done nothing is awaited of it any more, if anything came since.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromMinutes(5);

    /// <summary>A call counts against a policy that was published so long before it: senders' clocks are not ours.</summary>
    public static readonly TimeSpan Fresh = TimeSpan.FromMinutes(5);

    /// <summary>A reported cost below this share of the priced one is too low: batches are sold at half the price, and hardly anything for less.</summary>
    public const decimal LeastShare = 0.4m;

    /// <summary>A difference below this, in US dollars, is not worth a person's look.</summary>
    public const decimal LeastUsd = 0.01m;

    /// <param name="before">What was found earlier: calls past the gate stay what they were when the policy changes.</param>
    public static IReadOnlyList<Disagreement> Compare(SessionSides sides, IReadOnlyList<Disagreement> before, DateTimeOffset now)
    {
        var found = new List<Disagreement>();
        foreach (var tool in sides.Asked.Where(_ => sides.Told.Count > 0))
        {
            var done = tool.Done.Count(d => IsSettled(d, sides.HeardAt, now));
            if (done > 0 && !sides.Told.Any(t => ToolName.MayBe(t.Tool, tool.Tool)))
            {
                found.Add(new Disagreement { Kind = DisagreementKind.Untold, Tool = tool.Tool, CarriedOut = done, Asked = tool.Asked });
            }
        }

        foreach (var tool in sides.Told)
        {
            var known = before.Any(b => b.Kind == DisagreementKind.PastTheGate && b.Agent == tool.Agent && b.Tool == tool.Tool);
            if (tool.Calls > 0 && (known || tool.LastAt - Fresh >= tool.HeldSince) && IsPast(tool, sides.Asked, out var asked))
            {
                found.Add(new Disagreement { Kind = DisagreementKind.PastTheGate, Agent = tool.Agent, Tool = tool.Tool, Calls = tool.Calls, Asked = asked });
            }
        }

        if (sides.ReportedUsd < sides.PricedUsd * LeastShare && sides.PricedUsd - sides.ReportedUsd >= LeastUsd)
        {
            found.Add(new Disagreement { Kind = DisagreementKind.UnderPriced, ReportedUsd = sides.ReportedUsd, PricedUsd = sides.PricedUsd });
        }

        return found.ConvertAll(f => f with { FoundAt = before.FirstOrDefault(b => (b.Kind, b.Agent, b.Tool) == (f.Kind, f.Agent, f.Tool))?.FoundAt ?? now });
    }

    private static bool IsSettled(DateTimeOffset done, DateTimeOffset? heard, DateTimeOffset now) =>
        heard >= done + Late || (heard > done && now >= done + Patience);

    /// <summary>None was let go, and there are more calls than questions: each question may have been asked by a call that was then refused.</summary>
    private static bool IsPast(ToldTool tool, IReadOnlyList<AskedTool> asked, out int questions)
    {
        questions = 0;
        foreach (var one in asked)
        {
            if (ToolName.MayBe(tool.Tool, one.Tool))
            {
                questions += one.Asked;
                if (one.LetGo > 0)
                {
                    return false;
                }
            }
        }

        return tool.Calls > questions && !(questions == 0 && tool.AskedElsewhere);
    }
}

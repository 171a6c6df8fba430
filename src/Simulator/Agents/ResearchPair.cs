using System.Text.Json.Nodes;
using Handrail.Client;
using Handrail.Policy;
using Handrail.Simulator.Playing;

namespace Handrail.Simulator.Agents;

/// <summary>
/// Two agents that hand work to each other. Now and then they can't agree and pass the same draft to and fro, dearer with every
/// round, until a person stops them or they have had enough.
/// </summary>
internal sealed class ResearchPair : AgentScript
{
    /// <summary>Even a loop that nobody stops ends here.</summary>
    public const int MostTurns = 200;

    private static readonly AgentIdentity Lead = new(
        "research-lead", "1.2.0", "anthropic", "claude-sonnet-4-5",
        "You plan research briefs, collect sources and check every figure in the writer's draft against them. Hand the draft back when a figure has no source.");

    private static readonly AgentIdentity Writer = new(
        "research-writer", "1.1.4", "openai", "gpt-5.4",
        "You write research briefs of 600 words from the lead's sources. Hand the draft back when you need a decision or a source.");

    private static readonly Brief[] Briefs =
    [
        new("Battery recycling capacity in Europe", ["Installed capacity 2025: 310 kt a year across 41 plants", "Planned until 2028: a further 240 kt, of which 90 kt under construction"], "Does the 2025 figure count pre-treatment plants?"),
        new("Heat pumps in older apartment houses", ["Field study, 214 houses: median seasonal factor 3.1", "Noise complaints in 6 of 214 houses"], "Is the median weighted by floor area?"),
        new("Warehouse robots and injury rates", ["Injury rate fell from 6.1 to 4.9 per 100 workers in 30 sites", "Rate rose in the first three months at 11 sites"], "Do the 30 sites include the 11 with the early rise?"),
        new("Cold chain losses in vaccine supply", ["Reported losses 2.8 % of doses in 19 countries", "Half of it in the last 50 km"], "Are the 2.8 % by dose or by value?"),
    ];

    public override IReadOnlyList<AgentIdentity> Agents => [Lead, Writer];

    public override JsonObject Policy => Policies.Parse("""
        {
          "autonomy": "autonomous",
          "rules": [
            {"id": "outside-briefs", "name": "Briefs for customers", "applies_to": ["research.publish"],
             "when": {"all": [{"field": "category", "op": "eq", "value": "customer"}]},
             "then": "review", "message": "An editor reads what goes to customers"}
          ],
          "review": {"timeout_seconds": 28800, "on_timeout": "hold", "approvals": 1}
        }
        """);

    public override Opening Open(Casting casting)
    {
        var brief = casting.Next(Briefs);
        return new Opening("editor.desk", brief.Title, new JsonObject { ["audience"] = casting.EasyOnly || casting.Random.Next(3) > 0 ? "internal" : "customer" });
    }

    public override async Task<Outcome> PlayAsync(Run run)
    {
        var brief = Array.Find(Briefs, known => known.Title == run.Opening.Title)!;
        // The first pair loops, so that there is something to stop.
        if (run.Casting.First || run.Chance(0.2))
        {
            return await LoopAsync(run, brief);
        }

        await run.TurnAsync(Lead, $"Prepare a brief: {brief.Title}.", turn => ResearchAsync(turn, brief));
        var rounds = run.Random.Next(2, 4);
        for (var round = 1; round <= rounds; round++)
        {
            var last = round == rounds;
            await run.RestAsync(0.5, 1.5);
            await run.TurnAsync(Writer, $"Draft {round} of \"{brief.Title}\".", turn => DraftAsync(turn, brief, last));
            await run.RestAsync(0.5, 1.5);
            await run.TurnAsync(Lead, $"Check draft {round} of \"{brief.Title}\".", turn => CheckAsync(turn, brief, last));
        }

        var published = false;
        await run.TurnAsync(Lead, $"Publish \"{brief.Title}\".", async turn => published = await PublishAsync(turn, brief));
        return published
            ? new Outcome(SessionOutcome.Completed, $"\"{brief.Title}\" published after {rounds} drafts", new Money(180m, "USD"), new ProducedUnits("brief", 1))
            : new Outcome(SessionOutcome.Completed, $"\"{brief.Title}\" was not released");
    }

    private static async Task<Outcome> LoopAsync(Run run, Brief brief)
    {
        await run.TurnAsync(Lead, $"Prepare a brief: {brief.Title}.", turn => ResearchAsync(turn, brief));
        for (var turns = 1; turns < MostTurns; turns++)
        {
            await run.RestAsync(0.2, 0.6);
            var (agent, other) = turns % 2 == 1 ? (Writer, Lead) : (Lead, Writer);
            await run.TurnAsync(agent, brief.Doubt, async turn =>
            {
                await turn.ThinkAsync(agent == Writer ? $"I need a decision: {brief.Doubt}" : $"Please settle this from the sources in your draft: {brief.Doubt}", 0.6);
                await turn.TransferAsync(other, brief.Doubt);
            });
        }

        return new Outcome(SessionOutcome.Failed, $"Gave up after {MostTurns} turns without agreement on: {brief.Doubt}");
    }

    private static async Task ResearchAsync(Turn turn, Brief brief)
    {
        await turn.ThinkAsync($"Plan for \"{brief.Title}\": two sources for each figure, one counter-example, 600 words.", 1.4, reasoning: 300);
        await turn.RetrieveAsync("research-library", brief.Title, brief.Sources, 0.8);
        if (turn.Run.Chance(0.1))
        {
            await turn.FailingToolAsync("fetch_page", new JsonObject { ["url"] = "https://statistics.example.org/series/118" }, "http_503", "The statistics office's server is under maintenance");
        }

        await turn.ToolAsync("fetch_page", new JsonObject { ["url"] = "https://statistics.example.org/series/118" }, new JsonObject { ["table"] = brief.Sources[0] }, 1);
        await turn.ThinkAsync($"Sources are in: {string.Join("; ", brief.Sources)}. Over to the writer.", 1.2, read: 5_200);
        await turn.TransferAsync(Writer, "Sources attached");
    }

    private static async Task DraftAsync(Turn turn, Brief brief, bool last)
    {
        await turn.ThinkAsync(last ? $"Final draft of \"{brief.Title}\", every figure with its source." : $"Draft of \"{brief.Title}\". One question: {brief.Doubt}", 2.5, reasoning: 500);
        await turn.TransferAsync(Lead, last ? "Please release" : brief.Doubt);
    }

    private static async Task CheckAsync(Turn turn, Brief brief, bool last)
    {
        await turn.ToolAsync("compare_figures", new JsonObject { ["draft"] = brief.Title }, new JsonObject { ["figures"] = 14, ["without_source"] = last ? 0 : 2 }, 0.9);
        await turn.ThinkAsync(last ? "All 14 figures have a source." : "Two figures have no source; back to the writer.", 1.3);
        if (!last)
        {
            await turn.TransferAsync(Writer, "Two figures without a source");
        }
    }

    private static async Task<bool> PublishAsync(Turn turn, Brief brief)
    {
        var audience = (string)turn.Run.Opening.Metadata!["audience"]!;
        var decision = await turn.ActAsync(
            new AgentAction
            {
                Type = "research.publish",
                Tool = "publish_brief",
                Summary = $"Publish \"{brief.Title}\" for {(audience == "customer" ? "customers" : "colleagues")}",
                Category = audience,
                Confidence = 0.9,
                Reasoning = "14 figures, each with a source; the counter-example is in the third paragraph.",
                Citations = [.. brief.Sources.Select(source => new ActionCitation("Research library", "https://statistics.example.org/series/118", source))],
                Arguments = new JsonObject { ["title"] = brief.Title, ["audience"] = audience },
                Risk = audience == "customer" ? ActionRisk.External : ActionRisk.Reversible,
                Checks = [new("every_figure_sourced", true, "14 of 14")],
            },
            _ => new JsonObject { ["url"] = "https://briefs.example.com/" + turn.Run.Random.Next(1000, 9999) });
        return decision.Proceed;
    }

    private sealed record Brief(string Title, IReadOnlyList<string> Sources, string Doubt);
}

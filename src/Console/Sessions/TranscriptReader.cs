using Handrail.Access;
using Handrail.Shell;
using Handrail.Telemetry;

namespace Handrail.Sessions;

/// <summary>A line of the transcript as it is shown.</summary>
/// <param name="Said">By whom: <c>user</c>, <c>assistant</c>, <c>tool</c>, <c>operator</c>; <c>agent</c> when an agent said it to another.</param>
/// <param name="Step">The step it was read from, as <see cref="StepList.Key"/> names it; null for a line that the agent reported itself.</param>
/// <param name="Speaker">Which agent spoke, where one did and it is known.</param>
public sealed record SpokenLine(string Key, string Said, string Text, DateTimeOffset At, string? Step, string? Speaker = null)
{
    /// <summary>The person at the console who wrote it.</summary>
    public string? By { get; init; }

    /// <summary>Whom that person wrote to.</summary>
    public string? To { get; init; }
}

/// <summary>
/// The conversation of one session for one reader: the lines that its agent reported, or, where it reports none, what its model calls were
/// asked first and answered last in each turn. What was read of a step is kept: a step's words never change.
/// </summary>
public sealed class TranscriptReader(StepQueries contents)
{
    /// <summary>Turns that words are read for, the newest.</summary>
    public const int MostTurns = 40;

    private readonly Dictionary<string, (MessageText? Asked, string? Answered)> _read = new(StringComparer.Ordinal);

    /// <param name="mayRead">Whether the reader may read what was said in this session.</param>
    public async Task<IReadOnlyList<SpokenLine>> ReadAsync(Caller caller, SessionScreen screen, bool mayRead, CancellationToken cancel)
    {
        var reported = screen.Transcript.Select(l => new SpokenLine(l.Id, l.Role, l.Text, l.At, null) { By = l.By, To = l.To }).ToList();
        if (Reports(screen) || !mayRead)
        {
            return reported;
        }

        // What a person wrote from here stands among what was read from the steps.
        var read = await ReadStepsAsync(caller, screen, cancel);
        return reported.Count == 0 ? read : [.. read.Concat(reported).OrderBy(l => l.At)];
    }

    /// <summary>Whether the agent reports the lines of the conversation itself.</summary>
    public static bool Reports(SessionScreen screen) => screen.Transcript.Any(l => l.By is null);

    private async Task<IReadOnlyList<SpokenLine>> ReadStepsAsync(Caller caller, SessionScreen screen, CancellationToken cancel)
    {
        var turns = screen.Steps.Where(s => s is { Kind: StepKind.Llm, Counts: true, Unfinished: false }).GroupBy(s => s.TraceId)
            .Select(g => (First: g.First(), Last: g.Last())).OrderByDescending(t => t.First.StartedAt).Take(MostTurns).Reverse().ToList();
        var unread = turns.SelectMany(t => new[] { t.First, t.Last }).Where(s => !_read.ContainsKey(StepList.Key(s))).DistinctBy(StepList.Key).ToList();
        if (unread.Count > 0)
        {
            var said = await contents.ContentsAsync(caller, screen.Session.SessionId, unread, cancel);
            foreach (var step in unread)
            {
                _read[StepList.Key(step)] = said.TryGetValue((step.TraceId, step.SpanId), out var content)
                    ? (MessageTexts.Of(content.InputMessages, "user").LastOrDefault(m => m.Role == "user"), Answer(content))
                    : (null, null);
            }
        }

        var askers = new Askers(screen.Steps);
        var lines = new List<SpokenLine>();
        foreach (var (first, last) in turns)
        {
            if (_read[StepList.Key(first)].Asked is { } asked)
            {
                var asker = askers.Of(first, asked.Name);
                lines.Add(new SpokenLine($"{StepList.Key(first)}?", asker is null ? "user" : "agent", asked.Text, first.StartedAt, StepList.Key(first), asker));
            }

            if (_read[StepList.Key(last)].Answered is { } answered)
            {
                lines.Add(new SpokenLine($"{StepList.Key(last)}!", "assistant", answered, last.EndedAt, StepList.Key(last), last.Agent));
            }
        }

        return lines;
    }

    private static string? Answer(StepContentReading content)
    {
        var words = MessageTexts.Of(content.OutputMessages, "assistant").Select(m => m.Text).ToList();
        return words.Count == 0 ? null : string.Join('\n', words);
    }
}

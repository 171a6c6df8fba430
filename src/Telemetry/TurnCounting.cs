namespace Handrail.Telemetry;

/// <summary>
/// How many turns of a session the steps of one trace are. A trace is one turn, except where log events say when a person asked: some coding
/// agents put several prompts under one id, or send calls without any.
/// </summary>
public sealed class TurnCounting
{
    private static readonly HashSet<string> Beginnings =
        [.. DialectTable.Events.Where(e => e.BeginsTurn).Select(e => e.Name)];

    private static readonly HashSet<string> Dialects =
        [.. DialectTable.Events.Where(e => e.BeginsTurn).Select(e => e.Dialect.Name)];

    private int _prompts;
    private bool _isTurn;

    /// <summary>So far.</summary>
    public int Turns => _prompts > 0 ? _prompts : _isTurn ? 1 : 0;

    /// <summary>Takes one more step of the trace, in any order.</summary>
    /// <param name="telling">As <see cref="Step.Telling"/>.</param>
    /// <param name="dialect">As <see cref="Step.Dialect"/>.</param>
    /// <param name="name">As <see cref="Step.Name"/>.</param>
    /// <param name="hasParent">The step stands under another, as records that name their turn do.</param>
    public void Add(Telling telling, string? dialect, string name, bool hasParent)
    {
        if (telling == Telling.Repeated)
            return;
        bool tellsOfPrompts = telling == Telling.Log && dialect is not null && Dialects.Contains(dialect);
        if (tellsOfPrompts && Beginnings.Contains(name))
            _prompts++;
        else if (!tellsOfPrompts || hasParent)
            _isTurn = true;
    }
}

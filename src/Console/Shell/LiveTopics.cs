using Handrail.Live;

namespace Handrail.Shell;

/// <summary>What a page is about: the hints that make it read again.</summary>
public sealed class LiveTopics
{
    private readonly HintKind[] _kinds;
    private readonly Hint[] _hints;
    private readonly Func<Hint, bool> _concerns;

    private LiveTopics(string name, HintKind[] kinds, Hint[] hints, Func<Hint, bool>? concerns) =>
        (Name, _kinds, _hints, _concerns) = (name, kinds, hints, concerns ?? (_ => true));

    /// <summary>Two topics of the same name are the same: a page whose topics change its name listens anew.</summary>
    public string Name { get; }

    /// <summary>Everything of these kinds: for lists.</summary>
    public static LiveTopics Every(params HintKind[] kinds) => new(string.Join(',', kinds), kinds, [], null);

    /// <summary>These and no others.</summary>
    public static LiveTopics Of(params Hint[] hints) => new(string.Join(',', hints.Select(h => $"{h.Kind}:{h.Key}")), [], hints, null);

    /// <summary>Those of these kinds that concern what is named.</summary>
    public static LiveTopics Where(string name, Func<Hint, bool> concerns, params HintKind[] kinds) => new(name, kinds, [], concerns);

    internal Hints.Listener Listen(Hints hints) => _kinds.Length > 0 ? hints.ListenToAll(_kinds) : hints.Listen(_hints);

    internal bool Concern(IReadOnlySet<Hint>? heard) => heard is null || heard.Any(_concerns);
}

using System.Runtime.InteropServices;
using System.Text;

namespace Handrail.Policy;

/// <summary>
/// Texts that stand for all texts: for every combination of forms that some text has, one text that has exactly these. Found by walking all patterns at once, letter by
/// letter, through every set of places that they can be in together; letters that no pattern names are all alike and need one to stand for them.
/// </summary>
internal static class TextCells
{
    private const int MostStates = 10_000;
    private const int MostCells = 2_000;

    /// <summary>Letters to stand for those that nothing names: no letters of a script first, so that they never make a look-alike.</summary>
    private const string Spare = "0123456789-_.#@:;,+=~^%&!";

    /// <param name="name">Whose texts they are.</param>
    /// <param name="whole">Texts that are compared as a whole: each stands for itself.</param>
    /// <param name="patterns">The forms that matter.</param>
    /// <param name="ofOneScript">Whether texts that mix scripts need not be found.</param>
    /// <exception cref="BeyondProofException">There are too many combinations, or a text can't be written in comparable form.</exception>
    public static List<string> Of(string name, List<string> whole, List<TextPattern> patterns, bool ofOneScript)
    {
        foreach (var text in whole)
            if (ComparableText.Of(text) != text) throw new BeyondProofException($"{name} is compared with a text that has no settled form");
        List<string> cells = [.. whole.Where(text => !ofOneScript || !Scripts.Mixed(text))];
        var taken = whole.ToHashSet(StringComparer.Ordinal);

        var usual = $"another {name.Replace('_', ' ')}";
        if (!taken.Contains(usual)) cells.Add(usual);
        cells.AddRange(Walk(name, patterns, taken, ofOneScript));
        return cells;
    }

    private static IEnumerable<string> Walk(string name, List<TextPattern> patterns, HashSet<string> taken, bool ofOneScript)
    {
        var letters = patterns.SelectMany(pattern => pattern.Letters.EnumerateRunes()).Distinct().ToList();
        var spares = Spare.Where(c => !patterns.Exists(pattern => pattern.Letters.Contains(c, StringComparison.Ordinal))).ToList();
        if (spares.Count == 0) throw new BeyondProofException($"the patterns of {name} name too many different characters");
        letters.Insert(0, new Rune(spares[0]));

        var found = new Dictionary<string, string>(StringComparer.Ordinal);
        var seen = new HashSet<State>();
        var queue = new Queue<State>();
        Enter(new(null, default, [.. patterns.Select(pattern => pattern.Start)], Scripts.None, hasSpare: false));
        while (queue.TryDequeue(out var state))
        {
            if (state.MayEnd) Note(state);
            foreach (var letter in letters)
                if (After(state, letter) is { } next) Enter(next);
        }

        // Where only taken texts were found, there might be others of the same forms that this walk has passed by.
        foreach (var (cell, text) in found)
            if (taken.Contains(text) && !found.ContainsKey(cell + "+")) throw new BeyondProofException($"{name} is compared with a text of a form that few texts have");
        return found.Values;

        void Enter(State state)
        {
            if (!seen.Add(state)) return;
            if (seen.Count > MostStates) throw new BeyondProofException($"the patterns of {name} combine in too many ways");
            queue.Enqueue(state);
        }

        State? After(State state, Rune letter)
        {
            // A comparable text has no space at its ends and never two together.
            if (letter.Value == ' ' && state.TakesNoSpace) return null;
            var script = ofOneScript ? Scripts.Of(letter) : Scripts.None;
            if (script != Scripts.None && state.Script != Scripts.None && script != state.Script) return null;
            var places = state.Places.ToArray();
            foreach (var c in letter.ToString())
                for (var i = 0; i < places.Length; i++) places[i] = patterns[i].After(places[i], c);
            for (var i = 0; i < places.Length; i++)
                if (patterns[i] is { IsForbidden: true, IsLasting: true } && patterns[i].IsMet(places[i])) return null;
            return new(state, letter, places, script == Scripts.None ? state.Script : script, state.HasSpare || letter.Value == spares[0]);
        }

        void Note(State state)
        {
            var cell = string.Concat(patterns.Select((pattern, i) => pattern.IsMet(state.Places[i]) ? '1' : '0')) + (state.HasSpare ? "+" : "");
            if (found.ContainsKey(cell)) return;
            if (found.Count >= MostCells) throw new BeyondProofException($"the patterns of {name} combine in too many ways");
            var text = state.Text;

            // Texts compared as a whole stand for themselves alone: another spare letter gives another text of the same forms.
            for (var i = 1; taken.Contains(text) && state.HasSpare; i++)
            {
                if (i == spares.Count) throw new BeyondProofException($"{name} is compared with too many texts of one form");
                text = text.Replace(spares[i - 1], spares[i]);
            }

            if (ComparableText.Of(text) != text) throw new BeyondProofException($"the patterns of {name} fit together only in a text that has no settled form");
            found[cell] = text;
        }
    }

    /// <summary>Where a text has come to in all patterns together, and the letter before which it was elsewhere.</summary>
    private sealed class State(State? before, Rune letter, UInt128[] places, int script, bool hasSpare) : IEquatable<State>
    {
        public UInt128[] Places => places;

        /// <summary>The writing system of its letters, where that matters.</summary>
        public int Script => script;

        /// <summary>Whether it has a letter that nothing names.</summary>
        public bool HasSpare => hasSpare;

        /// <summary>Whether a space may not follow.</summary>
        public bool TakesNoSpace => before is null || letter.Value == ' ';

        public bool MayEnd => letter.Value != ' ';

        public string Text => before is null ? "" : before.Text + letter;

        public bool Equals(State? other) =>
            other is not null && script == other.Script && hasSpare == other.HasSpare && TakesNoSpace == other.TakesNoSpace && MayEnd == other.MayEnd && places.AsSpan().SequenceEqual(other.Places);

        public override bool Equals(object? obj) => Equals(obj as State);

        public override int GetHashCode()
        {
            var hash = new HashCode();
            hash.AddBytes(MemoryMarshal.AsBytes<UInt128>(places));
            hash.Add((script, hasSpare, TakesNoSpace));
            return hash.ToHashCode();
        }
    }
}

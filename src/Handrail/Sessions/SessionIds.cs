using System.Buffers;
using System.Collections;
using System.Text;

namespace Handrail.Sessions;

/// <summary>
/// The ids of many sessions in an order. A page holds one for as long as it is looked at, so they lie together in one array: 100,000 ids
/// of twenty letters take 3 MB instead of the 9 MB of as many strings and a set of them.
/// </summary>
public sealed class SessionIds : IReadOnlyList<string>
{
    public static readonly SessionIds None = new([], [], more: false);

    private readonly byte[] _text;
    private readonly int[] _ends;
    private readonly ulong[] _prints;

    private SessionIds(byte[] text, int[] ends, bool more)
    {
        (_text, _ends, More) = (text, ends, more);
        _prints = new ulong[ends.Length];
        for (var i = 0; i < ends.Length; i++)
        {
            _prints[i] = Print(Utf8(i));
        }

        Array.Sort(_prints);
    }

    public int Count => _ends.Length;

    /// <summary>There are more than were asked for.</summary>
    public bool More { get; }

    public string this[int place] => Encoding.UTF8.GetString(Utf8(place));

    public static SessionIds Of(IEnumerable<string> ids, bool more = false)
    {
        var gathered = new Gathering();
        foreach (var id in ids)
        {
            gathered.Add(id);
        }

        return gathered.Ids(more);
    }

    public static async Task<SessionIds> ReadAsync(IAsyncEnumerable<string> ids, int most, CancellationToken cancel)
    {
        var gathered = new Gathering();
        await foreach (var id in ids.WithCancellation(cancel))
        {
            cancel.ThrowIfCancellationRequested();
            if (gathered.Count == most)
            {
                return gathered.Ids(more: true);
            }

            gathered.Add(id);
        }

        return gathered.Ids(more: false);
    }

    /// <summary>Whether the id is among them, by a 64-bit print: good for counting what is new, not for deciding anything.</summary>
    public bool ProbablyHolds(string id)
    {
        Span<byte> utf8 = stackalloc byte[512];
        return Encoding.UTF8.TryGetBytes(id, utf8, out var length)
            ? Array.BinarySearch(_prints, Print(utf8[..length])) >= 0
            : Array.BinarySearch(_prints, Print(Encoding.UTF8.GetBytes(id))) >= 0;
    }

    /// <summary>How many of these are not among those.</summary>
    public int Beside(SessionIds those)
    {
        var (beside, there) = (0, 0);
        foreach (var print in _prints)
        {
            while (there < those._prints.Length && those._prints[there] < print)
            {
                there++;
            }

            beside += there < those._prints.Length && those._prints[there] == print ? 0 : 1;
        }

        return beside;
    }

    public IEnumerator<string> GetEnumerator()
    {
        for (var i = 0; i < Count; i++)
        {
            yield return this[i];
        }
    }

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    private ReadOnlySpan<byte> Utf8(int place) => _text.AsSpan((place == 0 ? 0 : _ends[place - 1])..(_ends[place]));

    /// <summary>FNV-1a.</summary>
    private static ulong Print(ReadOnlySpan<byte> utf8)
    {
        var print = 14695981039346656037UL;
        foreach (var octet in utf8)
        {
            print = (print ^ octet) * 1099511628211UL;
        }

        return print;
    }

    private sealed class Gathering
    {
        private readonly ArrayBufferWriter<byte> _text = new();
        private readonly List<int> _ends = [];

        public int Count => _ends.Count;

        public void Add(string id)
        {
            Encoding.UTF8.GetBytes(id, _text);
            _ends.Add(_text.WrittenCount);
        }

        public SessionIds Ids(bool more) => new(_text.WrittenSpan.ToArray(), [.. _ends], more);
    }
}

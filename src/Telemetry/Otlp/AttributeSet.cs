namespace Handrail.Telemetry;

/// <summary>
/// The attributes of one span, event or resource as slices of the body, with an index of those that the dialect table
/// knows. Used again for the next one, so that nothing is allocated for an attribute.
/// </summary>
internal sealed class AttributeSet
{
    /// <summary>Attributes that the table does not know are kept up to this number, the rest is counted.</summary>
    public const int MaxUnknown = 4096;

    private readonly short[] _known;
    private readonly List<int> _slots = [];
    private readonly List<Attribute> _items = [];
    private readonly List<Mark> _marks = [];
    private int _prefixes;

    public AttributeSet() => _known = new short[DialectTable.Attributes.Count];

    /// <summary>What is known of one attribute beside its value.</summary>
    private record struct Mark(byte Prefix, bool Taken);

    public int Count => _items.Count;

    public int Dropped { get; private set; }

    public Attribute this[int index] => _items[index];

    public void Clear()
    {
        foreach (int slot in _slots)
            _known[slot] = 0;
        _slots.Clear();
        _items.Clear();
        _marks.Clear();
        _prefixes = 0;
        Dropped = 0;
    }

    public void Add(ReadOnlySpan<byte> body, Attribute attribute)
    {
        ReadOnlySpan<byte> key = body.Slice(attribute.Key.Start, attribute.Key.Length);
        int slot = DialectTable.Attributes.Find(key);
        if (slot >= 0 && _known[slot] == 0 && attribute.Value.Kind != ValueKind.Empty)
        {
            Keep(attribute, 0);
            _known[slot] = (short)_items.Count;
            _slots.Add(slot);
            return;
        }

        if (_items.Count >= MaxUnknown)
        {
            Dropped++;
            return;
        }

        int prefix = slot < 0 ? DialectTable.Attributes.FindPrefix(key) : 0;
        _prefixes |= 1 << prefix;
        Keep(attribute, (byte)prefix);
    }

    public bool TryGet(int slot, out AnyValue value)
    {
        int at = _known[slot];
        value = at == 0 ? default : _items[at - 1].Value;
        return at != 0;
    }

    public bool Has(int slot) => _known[slot] != 0;

    public bool HasPrefix(int prefix) => (_prefixes & (1 << prefix)) != 0;

    public int PrefixAt(int index) => _marks[index].Prefix;

    /// <summary>Says that a member of the step holds this attribute whole, so that it need not be kept twice.</summary>
    public void Take(int slot) => TakeAt(_known[slot] - 1);

    public void TakeAt(int index) => _marks[index] = _marks[index] with { Taken = true };

    public bool IsTaken(int index) => _marks[index].Taken;

    private void Keep(Attribute attribute, byte prefix)
    {
        _items.Add(attribute);
        _marks.Add(new Mark(prefix, false));
    }
}

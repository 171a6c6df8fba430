namespace Handrail.Telemetry;

/// <summary>One place where a dialect puts one fact: an entry of the dialect table.</summary>
internal sealed record Source
{
    /// <summary>Stands for the span's own name, which some dialects use as the name of the agent or tool.</summary>
    public const string SpanName = "";

    public Source(string attribute, Dialect dialect)
    {
        Dialect = dialect;
        AttributeName = attribute.Length == 0 ? "(the span's name)" : attribute;
        Slot = attribute.Length == 0 ? -1 : AttributeNames.Shared.SlotOf(attribute);
    }

    public Dialect Dialect { get; }

    /// <summary>The attribute's name, for people.</summary>
    public string AttributeName { get; private init; }

    /// <summary>Number of the attribute, or -1 for the span's name.</summary>
    public int Slot { get; }

    /// <summary>The attribute holds a JSON object, of which the first of these members that is there is meant.</summary>
    public string[] Members { get; init; } = [];

    /// <summary>The members are buckets of one number, which are added.</summary>
    public bool AddsMembers { get; init; }

    /// <summary>It says so only on steps of this kind.</summary>
    public StepKind? OnlyOn { get; init; }

    /// <summary>It says so only on a span without a parent.</summary>
    public bool OnlyOnRoot { get; init; }

    /// <summary>It means something else in this dialect.</summary>
    public Dialect? NotIn { get; init; }

    /// <summary>Only what stands before the first dot is meant.</summary>
    public bool BeforeDot { get; init; }

    /// <summary>It says so only where this other attribute is present.</summary>
    public string When
    {
        init => WhenSlot = AttributeNames.Shared.SlotOf(value);
    }

    public int WhenSlot { get; private init; } = -1;

    /// <summary>The attribute is a family <c>prefix.N.rest</c>, one member of a list for each N.</summary>
    public int Prefix { get; private init; }

    /// <summary>A family of attributes <c>prefix.N.rest</c>.</summary>
    public static Source Indexed(string prefix, Dialect dialect) =>
        new(SpanName, dialect) { AttributeName = prefix + "N", Prefix = AttributeNames.Shared.PrefixOf(prefix) };
}

/// <summary>An attribute that says what kind of step a span is.</summary>
/// <param name="Kinds">What each of its values means.</param>
/// <param name="Otherwise">What any other value means; null leaves it to the next source.</param>
internal sealed record KindSource(string Attribute, Dialect Dialect, IReadOnlyDictionary<string, StepKind> Kinds, StepKind? Otherwise)
{
    public int Slot { get; } = AttributeNames.Shared.SlotOf(Attribute);
}

/// <summary>Where one dialect puts a whole set of token counts.</summary>
internal sealed record TokenSource(
    Dialect Dialect, Source[] Input, Source[] Output, Source[] CachedRead, Source[] CacheWrite, Source[] Reasoning);

/// <summary>An attribute and the value in it that means that the step failed.</summary>
/// <param name="Value">Null: being there is enough.</param>
internal sealed record FailureSource(string Attribute, Dialect Dialect, string? Value)
{
    public int Slot { get; } = AttributeNames.Shared.SlotOf(Attribute);
}

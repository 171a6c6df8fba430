namespace Handrail.Policy;

/// <summary>A member that conditions may speak of, as an editor offers it.</summary>
/// <param name="Name">As policies name it; <c>arguments.</c> stands for every argument, whose path follows.</param>
/// <param name="Kind">What it holds.</param>
/// <param name="Title">In plain words, such as <c>session's cost in USD</c>.</param>
public sealed record ConditionField(string Name, FieldValue Kind, string Title)
{
    /// <summary>What stands before an argument's path.</summary>
    public const string Arguments = Fields.ArgumentsPrefix;

    private static readonly ConditionField AnyArgument = new(Arguments, FieldValue.Any, "argument");

    /// <summary>All members, in the order in which people look for them: the action's, the session's, the moment's, the arguments.</summary>
    public static IReadOnlyList<ConditionField> All { get; } =
    [
        .. Enum.GetValues<FieldId>().Where(id => id != FieldId.Argument)
            .Select(id => (Id: id, Name: Fields.Names.Single(name => Fields.Of(name) == id)))
            .OrderBy(field => field.Name.StartsWith("session.", StringComparison.Ordinal) ? 1 : field.Id is FieldId.Hour or FieldId.Weekday ? 2 : 0)
            .Select(field => new ConditionField(field.Name, KindOf(field.Id), ReadAloud.FieldName(field.Name))),
        AnyArgument,
    ];

    /// <summary>The member of a name; that of all arguments for an argument's; null for a name that is none.</summary>
    public static ConditionField? Of(string name) =>
        name.StartsWith(Arguments, StringComparison.Ordinal) ? AnyArgument : All.FirstOrDefault(field => field.Name == name);

    /// <summary>The operators that can be known to hold or not to hold of it.</summary>
    public IReadOnlyList<Operator> Operators => Kind switch
    {
        FieldValue.Text => [Operator.Eq, Operator.Ne, Operator.In, Operator.NotIn, Operator.Contains, Operator.Glob, Operator.Exists],
        FieldValue.Number => [Operator.Gt, Operator.Gte, Operator.Lt, Operator.Lte, Operator.Eq, Operator.Ne, Operator.In, Operator.NotIn, Operator.Exists],
        FieldValue.Risk or FieldValue.Weekday => [Operator.Eq, Operator.Ne, Operator.In, Operator.NotIn],
        FieldValue.Labels => [Operator.Contains],
        _ => Enum.GetValues<Operator>(),
    };

    /// <summary>The words it may hold, where they are few: weekdays, risks.</summary>
    public IReadOnlyList<string> Choices => Kind switch
    {
        FieldValue.Risk => [.. Words.All<Risk>()],
        FieldValue.Weekday => [.. Enumerable.Range(1, 7).Select(day => Weekdays.Name((DayOfWeek)(day % 7)))],
        _ => [],
    };

    private static FieldValue KindOf(FieldId id) => id switch
    {
        FieldId.Type or FieldId.Tool or FieldId.Currency or FieldId.Vendor or FieldId.Category or FieldId.User or FieldId.Agent or FieldId.AgentVersion or FieldId.Reasoning => FieldValue.Text,
        FieldId.Risk => FieldValue.Risk,
        FieldId.Taint => FieldValue.Labels,
        FieldId.Weekday => FieldValue.Weekday,
        _ => FieldValue.Number,
    };
}

/// <summary>What a member of an action or its session holds, if it is there.</summary>
public enum FieldValue
{
    /// <summary>A text.</summary>
    Text,

    /// <summary>A number.</summary>
    Number,

    /// <summary>One of the words of <see cref="Policy.Risk"/>.</summary>
    Risk,

    /// <summary>A day of the week.</summary>
    Weekday,

    /// <summary>Labels of tools.</summary>
    Labels,

    /// <summary>Whatever the agent gives: an argument.</summary>
    Any,
}

namespace Handrail;

public enum RefusalKind
{
    /// <summary>The request is wrong; <see cref="Refusal.Errors"/> names each member.</summary>
    Invalid,

    /// <summary>The key or the person is not known, or not any more.</summary>
    Unknown,
    NotAllowed,

    /// <summary>It does not exist, or the caller may not know that it does.</summary>
    NotFound,

    /// <summary>Somebody was first, or the state does not permit it.</summary>
    Conflict,

    /// <summary>What the caller saw has changed meanwhile.</summary>
    Stale,

    /// <summary>The caller must say which version it saw.</summary>
    PreconditionMissing,

    /// <summary>Well-formed, but its content is refused, as an invalid policy is.</summary>
    Unprocessable,

    /// <summary>Nothing is decided now; the caller is to come back after <see cref="Refusal.RetryAfter"/>.</summary>
    Held,

    /// <summary>Too much at once; nothing of it was kept.</summary>
    Busy,

    /// <summary>The caller has more open, or asks more often, than one may.</summary>
    TooMany,
}

/// <summary>An operation that was refused, in words the caller can act on. Never carries a secret.</summary>
public sealed class Refusal(RefusalKind kind, string detail) : Exception(detail)
{
    public RefusalKind Kind { get; } = kind;

    /// <summary>What is wrong with each member of the request.</summary>
    public IReadOnlyDictionary<string, string[]> Errors { get; init; } = new Dictionary<string, string[]>();

    public TimeSpan? RetryAfter { get; init; }

    /// <summary>The state as it now is, for <see cref="RefusalKind.Stale"/> and <see cref="RefusalKind.Conflict"/>: serialised into the answer.</summary>
    public object? State { get; init; }

    public static Refusal Invalid(string member, string message) => new(RefusalKind.Invalid, $"{member}: {message}")
    {
        Errors = new Dictionary<string, string[]> { [member] = [message] },
    };

    public static Refusal NotFound(string what) => new(RefusalKind.NotFound, $"There is no {what}.");

    public static Refusal NotAllowed(string detail) => new(RefusalKind.NotAllowed, detail);

    public static Refusal Conflict(string detail, object? state = null) => new(RefusalKind.Conflict, detail) { State = state };

    public static Refusal Stale(string detail, object? state = null) => new(RefusalKind.Stale, detail) { State = state };
}

namespace Handrail.Client;

/// <summary>
/// The console answered something that asking again cannot mend: a key without the right, a wrong request, an answer that cannot be
/// read. Whatever was asked for has not been allowed.
/// </summary>
public class HandrailException : Exception
{
    internal HandrailException(string message, int? status = null, IReadOnlyDictionary<string, IReadOnlyList<string>>? errors = null)
        : base(message)
    {
        Status = status;
        Errors = errors ?? new Dictionary<string, IReadOnlyList<string>>();
    }

    /// <summary>The HTTP status, where there was one.</summary>
    public int? Status { get; }

    /// <summary>What is wrong with which member of the request.</summary>
    public IReadOnlyDictionary<string, IReadOnlyList<string>> Errors { get; }
}

/// <summary>The action id was used before in this session, for something else. Nothing was decided on this one.</summary>
public sealed class ActionConflictException : HandrailException
{
    internal ActionConflictException(string actionId, string detail)
        : base(detail, 409) => ActionId = actionId;

    /// <summary>The id that is taken.</summary>
    public string ActionId { get; }
}

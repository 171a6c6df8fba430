namespace Handrail.Notify;

/// <summary>Where in the console a message leads.</summary>
public sealed class Links(NotifySettings settings)
{
    /// <summary>Null where it is not set what the console's address is.</summary>
    public string? Console => settings.PublicUrl?.GetLeftPart(UriPartial.Path).TrimEnd('/');

    public string? Handoff(string? id) => To("/inbox?handoff=", id);

    public string? Session(string? id) => To("/sessions/", id);

    public string? Alert(string? id) => To("/alerts/", id);

    /// <summary>Where a person can do something about it: the handoff, else the session, else the agents, the policy or the console's health.</summary>
    public string? Deed(Notice notice) => notice switch
    {
        // What a breaker tripped over is to be stopped, and Stop is at the session.
        { Kind: NoticeKind.BreakerTripped, SessionId: { } session } => Session(session),
        { HandoffId: { } handoff } => Handoff(handoff),
        { SessionId: { } session } => Session(session),
        { Kind: NoticeKind.PolicyPublished } => To("/rules", ""),
        { Kind: NoticeKind.BudgetReached } => To("/costs", ""),
        { Kind: NoticeKind.ConsoleUnwell } => To("/settings/health", ""),
        { Agent: { } agent } => To("/agents/", agent),
        _ => To("/", ""),
    };

    private string? To(string path, string? id) => Console is { } console && id is not null ? console + path + Uri.EscapeDataString(id) : null;
}

using Handrail.Access;
using Handrail.Host;

namespace Handrail.Handoffs;

/// <summary>People who decide as the pages do.</summary>
internal static class PageDecisions
{
    /// <summary>Decides as a page does: by the command, on the version that lies on the desk.</summary>
    /// <returns>The handoff after it; or why it was refused.</returns>
    public static async Task<(HandoffAnswer? Done, Refusal? Refused)> DecideAsPageAsync(this ConsoleHost host, string person, string handoff, DecisionKind kind, long? seen)
    {
        var caller = new Caller { Kind = CallerKind.Person, Id = $"page-{person}", Name = person, Roles = new HashSet<string> { Permissions.Reviewer } };
        try
        {
            return (await host.Services<DecideHandoff>().HandleAsync(caller, handoff, new HandoffDecision(kind) { Note = "by page" }, seen, default), null);
        }
        catch (Refusal refusal)
        {
            return (null, refusal);
        }
    }
}

using Handrail.Sessions;
using Handrail.Store;

namespace Handrail.Actions;

/// <summary>The columns that a decision writes.</summary>
internal static class GateColumns
{
    /// <summary>Of a new action; what follows the decision (who, when, carried out) is empty.</summary>
    public static readonly BulkColumn<GatedAction>[] Action =
    [
        BulkColumn.Text<GatedAction>("session_id", a => a.SessionId),
        BulkColumn.Text<GatedAction>("action_id", a => a.ActionId),
        BulkColumn.Text<GatedAction>("digest", a => a.Digest),
        BulkColumn.Text<GatedAction>("team", a => a.Team),
        BulkColumn.Text<GatedAction>("agent", a => a.Agent),
        BulkColumn.Text<GatedAction>("agent_version", a => a.AgentVersion),
        BulkColumn.Text<GatedAction>("user", a => a.User),
        BulkColumn.Text<GatedAction>("type", a => a.Type),
        BulkColumn.Text<GatedAction>("tool", a => a.Tool),
        BulkColumn.Text<GatedAction>("summary", a => a.Summary),
        BulkColumn.Decimal<GatedAction>("amount", a => a.Amount),
        BulkColumn.Text<GatedAction>("currency", a => a.Currency),
        BulkColumn.Text<GatedAction>("vendor", a => a.Vendor),
        BulkColumn.Text<GatedAction>("category", a => a.Category),
        BulkColumn.Real<GatedAction>("confidence", a => a.Confidence),
        BulkColumn.Text<GatedAction>("reasoning", a => a.Reasoning),
        BulkColumn.Text<GatedAction>("citations_json", a => a.CitationsJson),
        BulkColumn.Text<GatedAction>("arguments_json", a => a.ArgumentsJson),
        BulkColumn.Text<GatedAction>("checks_json", a => a.ChecksJson),
        BulkColumn.Long<GatedAction>("arguments_print", a => a.ArgumentsPrint),
        BulkColumn.Text<GatedAction>("bypass_json", a => a.BypassJson),
        BulkColumn.Text<GatedAction>("risk", a => a.Risk),
        BulkColumn.Text<GatedAction>("stated_risk", a => a.StatedRisk),
        BulkColumn.Word<GatedAction, Policy.Verdict>("verdict", a => a.Verdict),
        BulkColumn.Text<GatedAction>("would_be", a => a.WouldBe?.Text()),
        BulkColumn.Word<GatedAction, ActionStatus>("status", a => a.Status),
        BulkColumn.Text<GatedAction>("reasons_json", a => a.ReasonsJson),
        BulkColumn.Text<GatedAction>("policy_version", a => a.PolicyVersion),
        BulkColumn.Text<GatedAction>("facts_json", a => a.FactsJson),
        BulkColumn.Text<GatedAction>("budgets_json", a => a.BudgetsJson),
        BulkColumn.Text<GatedAction>("handoff_id", a => a.HandoffId),
        BulkColumn.Time<GatedAction>("expires_at", a => a.ExpiresAt),
        BulkColumn.Flag<GatedAction>("edited", a => a.Edited),
        BulkColumn.Flag<GatedAction>("sampled", a => a.Sampled),
        BulkColumn.Word<GatedAction, ActionExecution>("execution", a => a.Execution),
        BulkColumn.Time<GatedAction>("requested_at", a => a.RequestedAt),
    ];

    /// <summary>What a question changes of its session.</summary>
    public static readonly BulkColumn<Session>[] Session =
    [
        BulkColumn.Text<Session>("agent_version", s => s.AgentVersion),
        BulkColumn.Text<Session>("user", s => s.User),
        BulkColumn.Word<Session, SessionState>("state", s => s.State),
        BulkColumn.Integer<Session>("open_handoffs", s => s.OpenHandoffs),
        BulkColumn.Time<Session>("last_activity_at", s => s.LastActivityAt),
        BulkColumn.Time<Session>("ended_at", s => s.EndedAt),
        BulkColumn.Text<Session>("outcome", s => s.Outcome),
    ];
}

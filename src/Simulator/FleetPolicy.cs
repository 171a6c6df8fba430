using System.Text.Json.Nodes;

namespace Handrail.Simulator;

/// <summary>
/// The fleet's layer: it lets the simulated agents' own layers decide on their kinds of action and leaves every other agent's to a
/// person, as a fleet that is new does.
/// </summary>
internal static class FleetPolicy
{
    public static JsonObject Document() => Policies.Parse("""
        {
          "autonomy": "suggest",
          "actions": [
            {"type": "expense.*", "autonomy": "autonomous"},
            {"type": "dealership.*", "autonomy": "autonomous"},
            {"type": "claims.*", "autonomy": "autonomous"},
            {"type": "research.*", "autonomy": "autonomous"},
            {"type": "email.*", "autonomy": "autonomous"},
            {"type": "support.*", "autonomy": "autonomous"}
          ],
          "rules": [
            {"id": "large-amounts", "name": "Large amounts", "applies_to": ["expense.*", "claims.*", "support.*"],
             "when": {"all": [{"field": "amount", "op": "gt", "value": 5000, "missing": "ignore"}]},
             "then": "deny", "message": "Amounts over 5,000 are not for agents"}
          ],
          "review": {"timeout_seconds": 14400, "on_timeout": "reject", "escalate_to": "Owner", "approvals": 1, "forbid_self_approval": true}
        }
        """);
}

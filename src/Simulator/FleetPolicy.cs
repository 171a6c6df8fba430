using System.Text.Json.Nodes;

namespace Handrail.Simulator;

/// <summary>
/// The fleet's layer: it lets the simulated agents' own layers decide on their kinds of action and leaves every other agent's to a
/// person, as a fleet that is new does. Its breakers are those that a new fleet has, with more time and turns: sessions here wait for people.
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
          "breakers": [
            {"id": "session-turns", "scope": "session", "metric": "turns", "limit": 40, "then": "pause"},
            {"id": "session-loop", "scope": "session", "metric": "repeated_calls", "limit": 5, "then": "stop"},
            {"id": "session-ping-pong", "scope": "session", "metric": "ping_pong", "limit": 6, "then": "stop"},
            {"id": "session-cost", "scope": "session", "metric": "cost_usd", "limit": 2, "then": "pause"},
            {"id": "session-time", "scope": "session", "metric": "elapsed_seconds", "limit": 7200, "then": "pause"},
            {"id": "session-context", "scope": "session", "metric": "context_tokens", "limit": 150000, "then": "alert"},
            {"id": "fleet-cost", "scope": "fleet", "metric": "cost_usd", "window": "1h", "limit": 50, "then": "pause"}
          ],
          "review": {"timeout_seconds": 14400, "on_timeout": "reject", "escalate_to": "Owner", "approvals": 1, "forbid_self_approval": true}
        }
        """);
}

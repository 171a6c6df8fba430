using System.Collections.Frozen;

namespace Handrail.Shell;

/// <summary>What a request's body looks like, by route: shown in the API's description.</summary>
public static class ApiExamples
{
    private const string Reason = """{"reason":"Spends too fast"}""";

    private static readonly FrozenDictionary<string, string> ByRoute = new Dictionary<string, string>
    {
        ["POST /api/v1/sessions/{sessionId}/actions"] = """
            {"action_id":"a-17","agent":"expense-approver","agent_version":"1.4","user":"u-42","type":"expense.approve","tool":"approve_expense",
             "summary":"Approve 48.20 USD, lunch","amount":48.20,"currency":"USD","vendor":"Blue Door Cafe","category":"meals","confidence":0.93,
             "reasoning":"Under the limit; receipt matches.","citations":[{"title":"Expense policy 4.2","url":"https://example.com/policy","quote":"Meals up to 50 USD"}],
             "arguments":{"expense_id":"e-9","approved_amount":48.20},"risk":"external","checks":[{"name":"receipt_total_matches","passed":true,"detail":"48.20 = 48.20"}]}
            """,
        ["POST /api/v1/sessions/{sessionId}/actions/{actionId}/result"] = """{"status":"succeeded","output":{"booking":"b-1"}}""",
        ["POST /api/v1/grants/redeem"] = """{"grant":"eyJhbGciOiJFUzI1NiIs…"}""",
        ["POST /api/v1/grants/keys/rotate"] = """{"distrust_others":false,"reason":"Once a quarter"}""",
        ["POST /api/v1/sessions/{sessionId}/actions/{actionId}/ground-truth"] = """{"decision":"approve","by":"kim@example.com","note":"Paid by hand"}""",
        ["POST /api/v1/sessions/{sessionId}/handoffs"] = """{"handoff_id":"q-1","agent":"desk","kind":"question","summary":"Which cost centre?","options":[{"id":"sales","label":"Sales"}]}""",
        ["POST /api/v1/sessions/{sessionId}/control/ack"] = """{"seq":12}""",
        ["POST /api/v1/sessions/{sessionId}/message"] = """{"text":"A colleague will call you today.","to":"user"}""",
        ["POST /api/v1/sessions/{sessionId}/messages"] = """{"messages":[{"id":"m-1","role":"user","text":"Hello","at":"2026-01-01T12:00:00Z"}]}""",
        ["POST /api/v1/sessions/{sessionId}/end"] = """{"outcome":"completed","summary":"Booked","value":{"amount":120,"currency":"USD"},"units":{"name":"booking","count":1}}""",
        ["PUT /api/v1/sessions/{sessionId}"] = """{"agent":"desk","agent_version":"1.4","user":"u-42","title":"Refund for order 7"}""",
        ["POST /api/v1/sessions/{sessionId}/pause"] = Reason,
        ["POST /api/v1/sessions/{sessionId}/resume"] = Reason,
        ["POST /api/v1/sessions/{sessionId}/stop"] = Reason,
        ["POST /api/v1/sessions/{sessionId}/take-over"] = Reason,
        ["POST /api/v1/sessions/{sessionId}/hand-back"] = """{"reason":"Solved","note":"The customer keeps the booking."}""",
        ["POST /api/v1/sessions/{sessionId}/revoke-key"] = """{"key_id":"k-01","reason":"Does not stop"}""",
        ["POST /api/v1/agents/{agent}/pause"] = Reason,
        ["POST /api/v1/agents/{agent}/resume"] = Reason,
        ["POST /api/v1/agents/{agent}/stop"] = Reason,
        ["POST /api/v1/fleet/pause"] = Reason,
        ["POST /api/v1/fleet/resume"] = Reason,
        ["POST /api/v1/fleet/stop"] = Reason,
        ["POST /api/v1/fleet/disable"] = """{"tool":"send_mail","reason":"Phishing"}""",
        ["POST /api/v1/fleet/enable"] = """{"tool":"send_mail","reason":"Over"}""",
        ["POST /api/v1/handoffs/{id}/approve"] = """{"amount":40.00,"arguments":{"expense_id":"e-9","approved_amount":40.00},"note":"Without the drinks"}""",
        ["POST /api/v1/handoffs/{id}/reject"] = """{"reason":"Not a meal","reason_code":"category"}""",
        ["POST /api/v1/handoffs/{id}/answer"] = """{"answer":{"option":"sales"}}""",
        ["POST /api/v1/handoffs/{id}/delegate"] = """{"to":"ben@example.com","note":"You know this customer"}""",
        ["POST /api/v1/handoffs/{id}/snooze"] = """{"until":"2026-01-01T12:00:00Z"}""",
        ["PUT /api/v1/attention/planted"] = """{"planted_per_day":0}""",
        ["POST /api/v1/handoffs/{id}/take-over"] = """{"note":"I will call"}""",
        ["PUT /api/v1/fleet/policy"] = """{"autonomy":"suggest"}""",
        ["PUT /api/v1/agents/{agent}/policy/own"] = """
            {"autonomy":"bounded","limits":[{"type":"expense.approve","max_amount":50,"currency":"USD","min_confidence":0.8}]}
            """,
        ["POST /api/v1/fleet/policy/rollback"] = """{"version":3,"reason":"Too strict"}""",
        ["POST /api/v1/agents/{agent}/policy/rollback"] = """{"version":3,"reason":"Too strict"}""",
        ["POST /api/v1/fleet/policy/preview"] = """{"policy":{"autonomy":"suggest"},"since":"2026-01-01T00:00:00Z"}""",
        ["POST /api/v1/agents/{agent}/policy/own/preview"] = """
            {"policy":{"autonomy":"bounded","limits":[{"type":"expense.approve","max_amount":80,"currency":"USD"}]},"since":"2026-01-01T00:00:00Z","to":"allow","people":"rejected"}
            """,
        ["POST /api/v1/costs"] = """{"events":[{"id":"c-1","session_id":"s-1","agent":"desk","at":"2026-01-01T12:00:00Z","kind":"human","name":"review","amount":1.20,"currency":"USD"}]}""",
        ["POST /api/v1/users"] = """{"email":"kim@example.com","name":"Kim","roles":["Reviewer"]}""",
        ["POST /api/v1/users/{email}/tokens"] = """{"name":"laptop"}""",
        ["POST /api/v1/keys"] = """{"name":"desk","agents":["desk"]}""",
        ["PUT /api/v1/agents/{agent}"] = """{"team":"finance","owner":"kim@example.com","description":"Approves expenses","data_scopes":["expenses"],"requires_user":false,"reject_codes":[{"code":"receipt","label":"The receipt is missing"}]}""",
        ["POST /api/v1/notifications/channels"] = """{"name":"On call","kind":"webhook","url":"https://alerts.example.com/handrail","detail":"fields"}""",
        ["PUT /api/v1/notifications/channels/{id}"] = """
            {"name":"Finance","kind":"email","host":"smtp.example.com","port":587,"security":"start_tls","user_name":"handrail","secret":"the password","from":"handrail@example.com","to_roles":["Reviewer"]}
            """,
        ["POST /api/v1/notifications/rules"] = """
            {"name":"Large expenses at night wait","channel_id":"ch-1","kinds":["handoff_opened","handoff_escalated"],"agents":["expense-*"],"min_amount":1000,"currency":"USD",
             "quiet":{"time_zone":"Europe/Berlin","from":"22:00","to":"07:00","days":[],"drop":false}}
            """,
        ["PUT /api/v1/notifications/rules/{id}"] = """{"name":"Nobody there","channel_id":"ch-1","kinds":["breaker_tripped"],"after_minutes":10}""",
        ["PUT /api/v1/principals/{user}"] = """{"data_scopes":["claims"]}""",
    }.ToFrozenDictionary(StringComparer.Ordinal);

    public static string? Of(string route) => ByRoute.GetValueOrDefault(route);
}

using System.Text.Json;
using Handrail.Access;
using Handrail.Grants;
using Handrail.Health;
using Handrail.Policy;
using Handrail.Sessions;
using Handrail.Shell;
using Handrail.Store;

namespace Handrail.Actions;

/// <summary>The gate: an agent asks, waits, reports.</summary>
public static class ActionEndpoints
{
    /// <summary>The largest amount taken, in any currency: beyond it a figure is a mistake.</summary>
    private const decimal LargestAmount = 1_000_000_000_000m;

    private const int MostCitations = 100;
    private const int MostChecks = 200;

    public static void MapActions(this IEndpointRouteBuilder routes)
    {
        var actions = routes.MapGroup("/api/v1/sessions/{sessionId}/actions").WithTags("Gate");
        actions.MapPost("", AskAsync).RequireAuthorization(Doors.Agents).WithMetadata(new KeyCheckedWithTheDeed(), new OpenWithoutDatabase());
        actions.MapGet("/{actionId}", WaitAsync).RequireAuthorization(Doors.Either);
        actions.MapPost("/{actionId}/result", ResultAsync).RequireAuthorization(Doors.Agents);
        actions.MapPost("/{actionId}/ground-truth", GroundTruthAsync).RequireAuthorization(Doors.Either);
    }

    private static async Task<IResult> AskAsync(string sessionId, HttpContext context, AskGate command, GrantTokens grants, TimeProvider time, ControlHeaders headers, CancellationToken cancel)
    {
        Names.Check("session_id", sessionId);
        var question = Question(await RequestBody.ReadAsync(context.Request, cancel));
        GateAnswer answer;
        var asked = time.GetTimestamp();
        try
        {
            answer = await command.HandleAsync(context.Caller(), sessionId, question, cancel);
        }
        catch (Refusal refusal) when (refusal.Kind is RefusalKind.Held or RefusalKind.Conflict)
        {
            await headers.WriteAsync(context, sessionId, question.Request.Agent, cancel);
            throw;
        }

        ConsoleMeter.GateDuration.Record(time.GetElapsedTime(asked).TotalSeconds, new KeyValuePair<string, object?>("handrail.verdict", answer.Action.Verdict.Text()));
        ControlHeaders.Write(context, answer.Control, answer.PolicyVersion);
        return await AnsweredAsync(context, answer.Action, grants, time, cancel);
    }

    private static async Task<IResult> WaitAsync(
        string sessionId, string actionId, string? wait, HttpContext context, ActionQueries queries, GrantTokens grants, TimeProvider time,
        ControlHeaders headers, CancellationToken cancel)
    {
        var action = await queries.WaitAsync(context.Caller(), sessionId, actionId, Query.Wait(wait), cancel);
        await headers.WriteAsync(context, action.SessionId, action.Agent, cancel);
        return await AnsweredAsync(context, action, grants, time, cancel);
    }

    private static async Task<IResult> AnsweredAsync(HttpContext context, GatedAction action, GrantTokens grants, TimeProvider time, CancellationToken cancel) =>
        Results.Ok(ActionAnswer.Of(action, time.GetUtcNow()) with
        {
            Grant = await grants.IssueAsync(context.Caller(), action, cancel),
            PossibleBypass = context.Caller().Kind == CallerKind.Person ? JsonText.Read<PossibleBypass>(action.BypassJson) : null,
        });

    private static async Task<IResult> ResultAsync(
        string sessionId, string actionId, HttpContext context, ReportResult command, ControlHeaders headers, CancellationToken cancel)
    {
        var body = await RequestBody.ReadAsync(context.Request, cancel);
        var status = body.Word("status", "succeeded", "failed");
        if (status is null && !body.Has("status"))
        {
            body.Wrong("status", "is required.");
        }

        var result = new ActionResult(status == "succeeded", body.Any("output"), body.Text("error"));
        body.Done();
        var action = await command.HandleAsync(context.Caller(), sessionId, actionId, result, cancel);
        await headers.WriteAsync(context, action.SessionId, action.Agent, cancel);
        return Results.Ok(ActionAnswer.Of(action));
    }

    private static async Task<IResult> GroundTruthAsync(string sessionId, string actionId, HttpContext context, RecordGroundTruth command, CancellationToken cancel)
    {
        var body = await RequestBody.ReadAsync(context.Request, cancel);
        var decision = body.Word("decision", "approve", "reject", "edit");
        if (decision is null && !body.Has("decision"))
        {
            body.Wrong("decision", "is required.");
        }

        var truth = new GroundTruth(decision switch { "approve" => PeopleDecision.Approved, "edit" => PeopleDecision.Edited, _ => PeopleDecision.Rejected })
        {
            Arguments = body.ComparableObject("arguments"),
            By = body.Text("by", Names.Longest),
            Note = body.Text("note"),
        };
        body.Done();
        return Results.Ok(ActionAnswer.Of(await command.HandleAsync(context.Caller(), sessionId, actionId, truth, cancel)));
    }

    /// <summary>Reads what an agent asks; everything wrong is named at once.</summary>
    public static GateQuestion Question(RequestBody body)
    {
        var digest = body.Digest();
        var arguments = body.Object("arguments");
        var citations = body.Array("citations");
        var checks = body.Array("checks");
        if (citations?.GetArrayLength() > MostCitations)
        {
            body.Wrong("citations", $"must have at most {MostCitations} entries.");
        }

        foreach (var check in body.Objects("checks", MostChecks))
        {
            check.RequiredText("name", 200);
            if (check.Flag("passed") is null && !check.Has("passed"))
            {
                check.Wrong("passed", "is required.");
            }

            check.Text("detail");
        }

        var risk = body.Word("risk", [.. EnumText<Risk>.All]);
        var request = new ActionRequest(
            Names.Check(body, "action_id", required: true)!, Names.Check(body, "agent", required: true)!, Names.Check(body, "type", required: true)!)
        {
            AgentVersion = body.Text("agent_version", Names.Longest),
            User = body.Text("user", Names.Longest),
            Tool = Names.Check(body, "tool", required: false),
            Amount = body.Number("amount", -LargestAmount, LargestAmount),
            Currency = body.Currency("currency"),
            Vendor = body.Text("vendor", 400),
            Category = body.Text("category", 400),
            Confidence = body.Number("confidence", 0, 1),
            Reasoning = body.Text("reasoning", 50_000),
            CitationCount = citations?.GetArrayLength() ?? 0,
            FailedChecks = ActionGate.FailedChecks(checks),
            Risk = risk is null ? null : EnumText<Risk>.Parse(risk),
            Arguments = arguments ?? default,
        };
        var question = new GateQuestion(request)
        {
            Summary = body.Text("summary"),
            Arguments = arguments,
            Citations = citations,
            Checks = checks,
            Digest = digest,
        };
        body.Done();
        return question;
    }
}

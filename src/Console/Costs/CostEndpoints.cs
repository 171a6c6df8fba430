using System.Text.Json;
using Handrail.Access;
using Handrail.Audit;
using Handrail.Ingest;
using Handrail.Sessions;
using Handrail.Shell;
using Microsoft.AspNetCore.Mvc;

namespace Handrail.Costs;

/// <summary>Costs that no span carries.</summary>
public static class CostEndpoints
{
    private const int MostEvents = 1_000;

    /// <summary>The largest amount of one event, in any currency: beyond it a figure is a mistake.</summary>
    private const decimal LargestAmount = 1_000_000m;

    /// <summary>A thousand events with all that they may say.</summary>
    private const int MostBytes = 8 * 1024 * 1024;

    private const long MostTokens = 1_000_000_000_000;

    public static void MapCosts(this IEndpointRouteBuilder routes)
    {
        routes.MapPost("/api/v1/costs", RecordAsync).RequireAuthorization(Doors.Agents).WithMetadata(new RequestSizeLimitAttribute(MostBytes)).WithTags("Costs");
        routes.MapGet(CostAddress.File, ExportAsync).RequireAuthorization(Doors.Files).WithTags("Costs");
    }

    /// <summary>The view of the Costs page as CSV: its address's query is the call's.</summary>
    private static async Task<IResult> ExportAsync(
        string? range, string? from, string? to, string? by, string? agent, string? model, string? tool, string? user, string? session,
        HttpContext context, CostScreens screens, RecordExport record, TimeProvider time, CancellationToken cancel)
    {
        var question = new CostAddress(range, from, to, by, agent, model, tool, user, session).Question with { By = Query.Word<SpendBy>("by", by) ?? SpendBy.Agent };
        var (days, cells) = await screens.FileAsync(context.Caller(), question, cancel);
        await record.HandleAsync(context.Caller(), "costs", new { range, from, to, by = question.By, agent, model, tool, user, session }, cancel);
        context.Response.Headers.CacheControl = "no-store";
        return Results.Stream(
            stream => CostFile.WriteAsync(stream, question.By, days, cells, context.RequestAborted), "text/csv; charset=utf-8", $"costs-{time.GetUtcNow():yyyyMMdd-HHmmss}.csv");
    }

    private static async Task<IResult> RecordAsync(HttpContext context, RecordCosts command, ControlHeaders headers, IngestAdmission admission, CancellationToken cancel)
    {
        using var place = Enter(context, admission);
        var body = await RequestBody.ReadAsync(context.Request, cancel);
        var events = body.Array("events");
        if (events is null && !body.Has("events"))
        {
            body.Wrong("events", "is required.");
        }
        else if (events?.GetArrayLength() > MostEvents)
        {
            body.Wrong("events", $"must have at most {MostEvents} entries.");
        }

        body.Done();
        var (costs, rejected) = Read(events!.Value);
        place.AddSpans(costs.Count);
        var receipt = await place.WaitAsync(givenUp => command.HandleAsync(context.Caller(), costs, givenUp), cancel);
        if (costs.Select(c => c.SessionId).Distinct(StringComparer.Ordinal).ToList() is [var only] && receipt.Accepted + receipt.Duplicates > 0)
        {
            await headers.WriteAsync(context, only, null, cancel);
        }

        return Results.Ok(receipt with { Rejected = [.. rejected.Concat(receipt.Rejected).OrderBy(r => r.Index)] });
    }

    /// <summary>A place for the request among what comes in; one that does not say how long it is may be as long as any.</summary>
    private static IngestAdmission.Place Enter(HttpContext context, IngestAdmission admission)
    {
        var place = admission.Enter(context.Caller());
        place.AddBytes(context.Request.ContentLength ?? MostBytes);
        return place;
    }

    /// <summary>Each event by itself: a wrong one takes no other with it.</summary>
    private static (List<ReportedCost> Costs, List<RejectedCost> Rejected) Read(JsonElement events)
    {
        var (costs, rejected) = (new List<ReportedCost>(), new List<RejectedCost>());
        var index = 0;
        foreach (var item in events.EnumerateArray())
        {
            try
            {
                costs.Add(Read(index, item.ValueKind == JsonValueKind.Object ? RequestBody.Of(item) : throw Refusal.Invalid("event", "must be an object.")));
            }
            catch (Refusal wrong)
            {
                rejected.Add(new RejectedCost(index, wrong.Message));
            }

            index++;
        }

        return (costs, rejected);
    }

    private static ReportedCost Read(int index, RequestBody body)
    {
        foreach (var member in new[] { "kind", "amount", "currency" })
        {
            if (!body.Has(member))
            {
                body.Wrong(member, "is required.");
            }
        }

        var cost = new ReportedCost(
            index,
            Names.Check(body, "id", required: true)!,
            Names.Check(body, "session_id", required: true)!,
            body.Word("kind", "model", "tool", "human", "other") ?? "",
            body.Number("amount", 0, LargestAmount) ?? 0,
            body.Currency("currency") ?? "")
        {
            Agent = Names.Check(body, "agent", required: false),
            At = body.Time("at"),
            Name = body.Text("name", Names.Longest),
            InputTokens = body.Integer("input_tokens", 0, MostTokens),
            OutputTokens = body.Integer("output_tokens", 0, MostTokens),
            MetadataJson = body.Object("metadata")?.GetRawText(),
        };
        body.Done();
        return cost;
    }
}

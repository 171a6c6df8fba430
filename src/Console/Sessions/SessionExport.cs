using System.Globalization;
using System.Text;
using Handrail.Access;
using Handrail.Shell.Display;
using Handrail.Store;

namespace Handrail.Sessions;

/// <summary>Sessions as CSV (RFC 4180, UTF-8), written as they are read.</summary>
public static class SessionExport
{
    /// <summary>More than this is a question for the API.</summary>
    public const int MostRows = 100_000;

    private const string Head = "session,title,state,agent,user,turns,steps,llm_calls,tool_calls,errors,input_tokens,output_tokens,cached_tokens,context_tokens,cost_usd,unpriced_calls,started_at,last_activity_at,ended_at,outcome,activity,disagreements,possible_bypasses\r\n";

    public static async Task WriteAsync(Stream to, Caller caller, SessionQueries queries, SessionFilter filter, SessionOrder order, CancellationToken cancel)
    {
        await using var text = new StreamWriter(to, new UTF8Encoding(encoderShouldEmitUTF8Identifier: true), leaveOpen: true);
        await text.WriteAsync(Head.AsMemory(), cancel);
        string? cursor = null;
        for (var rows = 0; rows < MostRows;)
        {
            var page = await queries.ListAsync(caller, filter, order, cursor, SessionQueries.MostPerPage, cancel);
            foreach (var session in page.Items)
            {
                await text.WriteAsync(Row(session).AsMemory(), cancel);
            }

            await text.FlushAsync(cancel);
            rows += page.Items.Count;
            if ((cursor = page.NextCursor) is null)
            {
                return;
            }
        }
    }

    private static string Row(SessionReading s) => string.Join(
        ',',
        new object?[]
        {
            s.SessionId, s.Title, s.State.Text(), s.Agent, s.User, s.Turns, s.Steps, s.LlmCalls, s.ToolCalls, s.Errors, s.InputTokens, s.OutputTokens, s.CachedTokens,
            s.ContextTokens, s.CostUsd, s.UnpricedCalls, s.StartedAt.UtcDateTime.ToString("O"), s.LastActivityAt.UtcDateTime.ToString("O"), s.EndedAt?.UtcDateTime.ToString("O"), s.Outcome, s.Activity?.Text(),
            string.Join(' ', s.Disagreements.Select(d => d.Kind.Text()).Distinct()), s.PossibleBypasses,
        }.Select(c => CsvCell.Of(c is IFormattable figure ? figure.ToString(null, CultureInfo.InvariantCulture) : c as string))) + "\r\n";
}

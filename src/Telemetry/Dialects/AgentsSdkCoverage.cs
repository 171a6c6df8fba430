using System.Text.Json;

namespace Handrail.Telemetry;

/// <summary>Notes how the items of the OpenAI Agents SDK's own exporter were read.</summary>
internal static class AgentsSdkCoverage
{
    /// <summary>Of each field that a step has: the members that it may have been read from, the preferred one first.</summary>
    private static readonly (string Field, Func<Step, bool> IsRead, string[] Paths)[] Fields =
    [
        (CoverageFields.Session, s => s.SessionId is not null, ["group_id"]),
        ("user", s => s.EndUser is not null, ["metadata.user_id", "metadata.userId"]),
        ("agent", s => s.AgentName is not null, ["span_data.data.agent_name", "span_data.agent_name", "span_data.from_agent", "span_data.name"]),
        ("model asked", s => s.RequestModel is not null, ["span_data.model", "span_data.data.model"]),
        ("model answered", s => s.ResponseModel is not null, ["span_data.output.0.model"]),
        (CoverageFields.InputTokens, s => s.Usage.Input is not null,
            [
                "span_data.output.0.usage.prompt_tokens", "span_data.usage.input_tokens", "span_data.usage.prompt_tokens", "span_data.data.usage.input_tokens",
            ]),
        ("output tokens", s => s.Usage.Output is not null,
            [
                "span_data.output.0.usage.completion_tokens", "span_data.usage.output_tokens", "span_data.usage.completion_tokens",
                "span_data.data.usage.output_tokens",
            ]),
        ("cached tokens", s => s.Usage.CachedRead is not null,
            [
                "span_data.output.0.usage.prompt_tokens_details.cached_tokens", "span_data.usage.input_tokens_details.cached_tokens",
                "span_data.usage.details.input_tokens_details.cached_tokens", "span_data.data.usage.cached_input_tokens",
            ]),
        ("reasoning tokens", s => s.Usage.Reasoning is not null,
            [
                "span_data.output.0.usage.completion_tokens_details.reasoning_tokens", "span_data.usage.output_tokens_details.reasoning_tokens",
                "span_data.usage.details.output_tokens_details.reasoning_tokens",
            ]),
        ("tool", s => s.ToolName is not null, ["span_data.name"]),
        ("tool arguments", s => s.ToolArguments is not null, ["span_data.input"]),
        ("tool result", s => s.ToolResult is not null, ["span_data.output"]),
        ("messages in", s => s.InputMessages is not null, ["span_data.input"]),
        ("messages out", s => s.OutputMessages is not null, ["span_data.output"]),
    ];

    /// <summary>Members that are read, wherever they stand in an item, and those that only hold others.</summary>
    private static readonly HashSet<string> Known = new(StringComparer.Ordinal)
    {
        "object", "id", "workflow_name", "group_id", "metadata", "trace_id", "parent_id", "started_at", "ended_at", "span_data", "error",
        "type", "name", "data", "agent_name", "from_agent", "to_agent", "model", "usage", "input", "output",
    };

    /// <summary>Who sends. The format has no name of a service.</summary>
    /// <param name="userAgent">As <c>Agents/JavaScript 0.20.0</c>.</param>
    public static SenderName Sender(string? userAgent)
    {
        const string Sdk = "openai-agents";
        string[] parts = userAgent?.Split(['/', ' '], StringSplitOptions.RemoveEmptyEntries) ?? [];
        return parts is ["Agents", { Length: < 30 } language, { Length: < 30 } version, ..] ? new SenderName(null, $"{Sdk} ({language.ToLowerInvariant()})", version)
            : new SenderName(null, Sdk, null);
    }

    public static void Look(JsonElement item, Step step, SenderCoverage coverage)
    {
        coverage.Records++;
        coverage.Sampled++;
        SenderCoverage.Count(coverage.Dialects, step.Dialect!, 1);
        if (step.Kind == StepKind.Llm)
        {
            coverage.Calls++;
            coverage.CallsWithoutUsage += step.Usage.IsKnown || step.Failed ? 0 : 1;
        }

        foreach ((string field, Func<Step, bool> isRead, string[] paths) in Fields)
        {
            if (isRead(step))
                coverage.Note(field, Array.Find(paths, path => IsThere(item, path)) ?? paths[^1]);
        }

        NoteUnknown(item, "", coverage);
        if (item.TryGetProperty("span_data", out JsonElement data))
        {
            NoteUnknown(data, "span_data.", coverage);
            if (data.ValueKind == JsonValueKind.Object && data.TryGetProperty("data", out JsonElement custom))
                NoteUnknown(custom, "span_data.data.", coverage);
        }
    }

    private static void NoteUnknown(JsonElement of, string path, SenderCoverage coverage)
    {
        if (of.ValueKind != JsonValueKind.Object)
            return;
        foreach (JsonProperty member in of.EnumerateObject())
        {
            string name;
            try
            {
                name = member.Name;
            }
            catch (InvalidOperationException)
            {
                // Half of a surrogate pair: no name to note, and no reason to lose the item.
                continue;
            }

            if (name.Length <= 100 && !Known.Contains(name))
                SenderCoverage.Count(coverage.Unknown, (path + name).Replace('\0', '\uFFFD'), 1);
        }
    }

    private static bool IsThere(JsonElement item, string path)
    {
        JsonElement at = item;
        foreach (Range part in path.AsSpan().Split('.'))
        {
            ReadOnlySpan<char> name = path.AsSpan()[part];
            if (name is "0" && at.ValueKind == JsonValueKind.Array && at.GetArrayLength() > 0)
                at = at[0];
            else if (at.ValueKind != JsonValueKind.Object || !at.TryGetProperty(name, out at))
                return false;
        }

        return at.ValueKind is not (JsonValueKind.Null or JsonValueKind.Undefined);
    }
}

using System.Diagnostics;
using System.Text.Json.Nodes;
using Handrail.Client;

namespace Handrail.Simulator.Playing;

/// <summary>What an agent does in a turn: thinks, calls tools, looks things up, asks the gate. Each is a span of the GenAI conventions.</summary>
internal sealed class Turn
{
    // What the descriptions of an agent's tools take up at the head of every call.
    private const int ToolDescriptions = 1_850;

    private static readonly string[] Finished = ["stop"];

    private readonly Run _run;
    private readonly AgentTelemetry _voice;
    private readonly Activity? _activity;
    private readonly List<JsonObject> _messages = [];

    public Turn(Run run, AgentTelemetry voice, Activity? activity, string request)
    {
        _run = run;
        _voice = voice;
        _activity = activity;
        _messages.Add(Messages.Text("user", request));
        Describe(activity, "invoke_agent");
        activity?.SetTag("gen_ai.request.model", Agent.Model);
        activity?.SetTag("gen_ai.system_instructions", Messages.Instructions(Agent.Instructions));
    }

    public AgentIdentity Agent => _voice.Agent;

    public Run Run => _run;

    /// <summary>The model answers.</summary>
    /// <param name="answer">Its words.</param>
    /// <param name="seconds">How long it takes.</param>
    /// <param name="read">Tokens that came in new, such as documents, beyond what the messages hold.</param>
    /// <param name="reasoning">Tokens it thought without saying them.</param>
    public async Task ThinkAsync(string answer, double seconds = 1.2, int read = 0, int reasoning = 0)
    {
        using var span = await BeginAsync($"chat {Agent.Model}", ActivityKind.Client, "chat");
        var cached = _run.ContextTokens;
        var input = Math.Max(_run.ContextTokens, Messages.Tokens(Agent.Instructions) + ToolDescriptions) + Messages.Tokens(_messages) + read;
        var output = Messages.Tokens(answer) + reasoning;
        _run.ContextTokens = input + output;
        await _run.Pace.TakeAsync(seconds * (0.7 + (0.6 * _run.Random.NextDouble())), _run.Token);
        span?.SetTag("gen_ai.request.model", Agent.Model);
        span?.SetTag("gen_ai.response.model", Agent.Model);
        span?.SetTag("gen_ai.response.id", $"resp-{span.SpanId}");
        span?.SetTag("gen_ai.response.finish_reasons", Finished);
        span?.SetTag("gen_ai.usage.input_tokens", input);
        span?.SetTag("gen_ai.usage.output_tokens", output);
        // Providers cache in blocks; what is left of the last one is read anew.
        span?.SetTag("gen_ai.usage.cache_read.input_tokens", cached / 128 * 128);
        if (reasoning > 0)
        {
            span?.SetTag("gen_ai.usage.reasoning.output_tokens", reasoning);
        }

        span?.SetTag("gen_ai.input.messages", Messages.Json(_messages));
        span?.SetTag("gen_ai.output.messages", Messages.Json([Messages.Text("assistant", answer, finish: "stop")]));
        _messages.Clear();
    }

    /// <summary>A call to the model that fails before it answers.</summary>
    public async Task OverloadedAsync()
    {
        using var span = await BeginAsync($"chat {Agent.Model}", ActivityKind.Client, "chat");
        span?.SetTag("gen_ai.request.model", Agent.Model);
        await _run.Pace.TakeAsync(0.6, _run.Token);
        Fail(span, "rate_limit_exceeded", "429: too many requests, slow down");
    }

    /// <summary>The agent calls a tool.</summary>
    public Task<JsonNode> ToolAsync(string tool, JsonObject arguments, JsonNode result, double seconds = 0.6) =>
        ToolSpanAsync(tool, arguments, seconds, span =>
        {
            span?.SetTag("gen_ai.tool.call.result", result.ToJsonString());
            _messages.Add(Messages.ToolResult(tool, result));
            return result;
        });

    /// <summary>A tool call that fails.</summary>
    public Task FailingToolAsync(string tool, JsonObject arguments, string kind, string message, double seconds = 1.5) =>
        ToolSpanAsync(tool, arguments, seconds, span =>
        {
            Fail(span, kind, message);
            _messages.Add(Messages.ToolResult(tool, new JsonObject { ["error"] = message }));
            return true;
        });

    /// <summary>The agent looks something up.</summary>
    public async Task RetrieveAsync(string source, string query, IReadOnlyList<string> found, double seconds = 0.4)
    {
        using var span = await BeginAsync($"retrieval {source}", ActivityKind.Client, "retrieval");
        await _run.Pace.TakeAsync(seconds, _run.Token);
        span?.SetTag("gen_ai.data_source.id", source);
        span?.SetTag("gen_ai.retrieval.query.text", query);
        var documents = new JsonArray([.. found.Select((text, at) => new JsonObject { ["id"] = $"{source}#{at + 1}", ["content"] = text, ["score"] = 0.91 - (0.07 * at) })]);
        span?.SetTag("gen_ai.retrieval.documents", documents.ToJsonString());
        _messages.Add(Messages.Text("user", string.Join('\n', found)));
    }

    /// <summary>The agent hands the work to another.</summary>
    public Task TransferAsync(AgentIdentity to, string note) =>
        ToolSpanAsync($"transfer_to_{to.Name.Replace('-', '_')}", new JsonObject { ["note"] = note }, 0.15, span =>
        {
            span?.SetTag("gen_ai.transfer.target.name", to.Name);
            span?.SetTag("gen_ai.transfer.mode", "pass_control");
            span?.SetTag("gen_ai.tool.call.result", $"\"{to.Name} has the work\"");
            return true;
        });

    /// <summary>Asks the gate and, if it may, does it, and says what came of it.</summary>
    /// <param name="action">What it wants to do; its tool is called with the decision's arguments.</param>
    /// <param name="carryOut">What the tool gives back; throws <see cref="SimulatedFailureException"/> when it fails.</param>
    public async Task<ActionDecision> ActAsync(AgentAction action, Func<JsonObject, JsonNode> carryOut)
    {
        var decision = await _run.AskAsync(action);
        if (!decision.Proceed)
        {
            return decision;
        }

        var arguments = (JsonObject)decision.Arguments!.DeepClone();
        try
        {
            var result = carryOut(arguments);
            await ToolAsync(action.Tool!, arguments, result, 0.8);
            await _run.Session.ReportResultAsync(decision.ActionId, succeeded: true, result.DeepClone(), cancellationToken: _run.Token);
        }
        catch (SimulatedFailureException failure)
        {
            await FailingToolAsync(action.Tool!, arguments, failure.Kind, failure.Message);
            await _run.Session.ReportResultAsync(decision.ActionId, succeeded: false, error: failure.Message, cancellationToken: _run.Token);
        }

        return decision;
    }

    private async Task<T> ToolSpanAsync<T>(string tool, JsonObject arguments, double seconds, Func<Activity?, T> finish)
    {
        using var span = await BeginAsync($"execute_tool {tool}", ActivityKind.Internal, "execute_tool");
        var call = span is null ? $"call-{_messages.Count}" : $"call-{span.SpanId}";
        span?.SetTag("gen_ai.tool.name", tool);
        span?.SetTag("gen_ai.tool.type", "function");
        span?.SetTag("gen_ai.tool.call.id", call);
        span?.SetTag("gen_ai.tool.call.arguments", arguments.ToJsonString());
        _messages.Add(Messages.ToolCall(call, tool, arguments));
        await _run.Pace.TakeAsync(seconds * (0.7 + (0.6 * _run.Random.NextDouble())), _run.Token);
        return finish(span);
    }

    private async Task<Activity?> BeginAsync(string name, ActivityKind kind, string operation)
    {
        await _run.Session.WaitWhilePausedAsync(_run.Token);
        var span = _voice.Source.StartActivity(name, kind, _activity?.Context ?? default);
        Describe(span, operation);
        return span;
    }

    private void Describe(Activity? span, string operation)
    {
        span?.SetTag("gen_ai.operation.name", operation);
        span?.SetTag("gen_ai.provider.name", Agent.Provider);
        span?.SetTag("gen_ai.agent.name", Agent.Name);
        span?.SetTag("gen_ai.agent.version", Agent.Version);
        span?.SetTag("gen_ai.conversation.id", _run.Session.Id);
        span?.SetTag("user.id", _run.Opening.User);
    }

    private static void Fail(Activity? span, string kind, string message)
    {
        span?.SetStatus(ActivityStatusCode.Error, message);
        span?.SetTag("error.type", kind);
        span?.AddEvent(new ActivityEvent("exception", tags: new ActivityTagsCollection
        {
            ["exception.type"] = kind,
            ["exception.message"] = message,
        }));
    }
}

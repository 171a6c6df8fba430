using System.Text.Json;
using System.Text.Json.Nodes;
using Handrail.Policy;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.Logging;

namespace Handrail.Client.AI;

/// <summary>
/// The way of a tool call: narrowed by the policy's mask, asked for, claimed, carried out with what was let go, and reported. What is not let go is not called,
/// and the model reads why.
/// </summary>
internal sealed class ToolGate(HandrailSession session, GovernanceOptions options)
{
    private static readonly ToolAction Unnamed = new();

    /// <summary>How long a result waits for the console; after that it is delivered while the agent goes on.</summary>
    private static readonly TimeSpan ReportPatience = TimeSpan.FromSeconds(5);

    public HandrailSession Session => session;

    public async ValueTask<object?> InvokeAsync(AIFunction function, AIFunctionArguments arguments, CancellationToken cancellationToken)
    {
        using var running = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, session.Stopped);
        ActionDecision decision;
        try
        {
            var mask = await session.GetToolMaskAsync(function.Name, running.Token).ConfigureAwait(false);
            var proposed = Proposed(function, arguments, mask);
            var means = options.Tools.TryGetValue(function.Name, out var named) ? named : Unnamed;
            decision = await session.RequestAsync(means.Of(function.Name, proposed), cancellationToken).ConfigureAwait(false);
            if (!decision.Proceed)
            {
                return NotDone(decision.Status, decision.Reasons.Count > 0 ? decision.Reasons[0].Text : null, decision.Note);
            }

            if (await session.ClaimAsync(decision, cancellationToken).ConfigureAwait(false) is { } why)
            {
                return NotDone(session.Stopped.IsCancellationRequested ? ActionStatus.Stopped : ActionStatus.Cancelled, why, null);
            }
        }
        catch (OperationCanceledException) when (session.Stopped.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
        {
            return NotDone(ActionStatus.Stopped, "The session is stopped", null);
        }

        object? result;
        try
        {
            result = await function.InvokeAsync(Granted(arguments, decision), running.Token).ConfigureAwait(false);
        }
        catch (Exception problem)
        {
            await ReportAsync(decision.ActionId, succeeded: false, null, $"{problem.GetType().Name}: {problem.Message}").ConfigureAwait(false);
            throw;
        }

        await ReportAsync(decision.ActionId, succeeded: true, Output(function, result), null).ConfigureAwait(false);
        return result;
    }

    private static JsonObject Proposed(AIFunction function, AIFunctionArguments arguments, MaskInForce? mask)
    {
        var proposed = new JsonObject();
        foreach (var (name, value) in arguments.Where(argument => mask?.Shows(argument.Key) != false))
        {
            proposed[name] = value is null ? null : JsonSerializer.SerializeToNode(value, function.JsonSerializerOptions.GetTypeInfo(value.GetType()));
        }

        foreach (var set in mask?.Fix ?? [])
        {
            proposed[set.Name] = JsonNode.Parse(set.Json);
        }

        return proposed;
    }

    /// <summary>Exactly what was let go: a person may have edited it.</summary>
    private static AIFunctionArguments Granted(AIFunctionArguments asked, ActionDecision decision)
    {
        var granted = new AIFunctionArguments { Services = asked.Services, Context = asked.Context };
        foreach (var (name, value) in decision.Arguments ?? [])
        {
            granted[name] = value is null ? null : JsonElement.Parse(value.ToJsonString());
        }

        return granted;
    }

    private static JsonNode? Output(AIFunction function, object? result)
    {
        try
        {
            return result is null ? null : JsonSerializer.SerializeToNode(result, function.JsonSerializerOptions.GetTypeInfo(result.GetType()));
        }
#pragma warning disable CA1031 // The tool has done its work: what it gave back must not make it look as if it had failed, and be done again.
        catch (Exception)
#pragma warning restore CA1031
        {
            // It is the tool's to give back what it likes; the console learns what can be said of it.
            return JsonValue.Create($"A {result!.GetType().Name}, which has no form in JSON");
        }
    }

    /// <summary>What the model reads in the tool's place.</summary>
    private static JsonElement NotDone(ActionStatus status, string? reason, string? note)
    {
        if (status is ActionStatus.Stopped && FunctionInvokingChatClient.CurrentContext is { } context)
        {
            context.Terminate = true;
        }

        var said = new JsonObject { ["done"] = false, ["status"] = JsonNamingPolicy.SnakeCaseLower.ConvertName(status.ToString()), ["reason"] = reason };
        if (note is not null)
        {
            said["note"] = note;
        }

        return JsonElement.Parse(said.ToJsonString());
    }

    private async Task ReportAsync(string actionId, bool succeeded, JsonNode? output, string? error)
    {
        var report = DeliverAsync(actionId, succeeded, output, error);
        await report.WaitAsync(ReportPatience).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    private async Task DeliverAsync(string actionId, bool succeeded, JsonNode? output, string? error)
    {
        try
        {
            await session.ReportResultAsync(actionId, succeeded, output, error, CancellationToken.None).ConfigureAwait(false);
        }
        catch (Exception problem) when (problem is HandrailException or ObjectDisposedException or OperationCanceledException)
        {
            options.Logger.LogWarning(problem, "The console did not take the result of action {ActionId}; people see it as unknown", actionId);
        }
    }
}

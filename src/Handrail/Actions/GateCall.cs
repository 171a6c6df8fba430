using Handrail.Access;
using Handrail.Policy;

namespace Handrail.Actions;

/// <summary>What an agent is told: the action as decided, and what rules it, read in the deciding transaction.</summary>
/// <param name="Action">The action; the same for the same question.</param>
/// <param name="Control">The strictest of what is ordered for the session, its agent and the fleet.</param>
/// <param name="PolicyVersion">Fleet's and agent's version in force: <c>3.17</c>. A question asked before may have been decided by an older one.</param>
public sealed record GateAnswer(GatedAction Action, ControlState Control, string PolicyVersion);

/// <summary>One question on its way through the gate, and whoever waits for the answer.</summary>
internal sealed class GateCall(Caller caller, string sessionId, GateQuestion question)
{
    private readonly TaskCompletionSource<GateAnswer> _answer = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public Caller Caller { get; } = caller;

    public string SessionId { get; } = sessionId;

    public GateQuestion Question { get; } = question;

    public ActionRequest Request => Question.Request;

    public Task<GateAnswer> Answered => _answer.Task;

    public void Answer(GateAnswer answer) => _answer.TrySetResult(answer);

    public void Fail(Exception why) => _answer.TrySetException(why);
}

/// <summary>What became of a call in a batch: an answer, a refusal, or neither, when it is to be asked again in the next one.</summary>
internal readonly record struct GateOutcome(GateAnswer? Answer, Exception? Refused);

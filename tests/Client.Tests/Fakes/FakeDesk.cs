using System.Text.Json.Nodes;

namespace Handrail.Client.Tests.Fakes;

/// <summary>
/// What the fake console knows: decisions, commands, the policy. It answers as the contract says. Every change wakes every waiter, who
/// then looks for himself.
/// </summary>
internal sealed class FakeDesk
{
    private readonly Lock _lock = new();
    private readonly Dictionary<string, JsonObject> _actions = [];
    private readonly Dictionary<string, string> _bodies = [];
    private readonly Dictionary<string, JsonObject> _handoffs = [];
    private readonly Dictionary<string, List<JsonObject>> _commands = [];
    private readonly Dictionary<string, string> _states = [];
    private readonly HashSet<string> _costs = [];
    private TaskCompletionSource _changed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _policyVersion = 1;

    /// <summary>The verdict on an action's body.</summary>
    public Func<JsonNode, string> Verdict { get; set; } = _ => "allow";

    public IReadOnlyCollection<string> OpenHandoffs
    {
        get
        {
            lock (_lock)
            {
                return [.. _handoffs.Where(handoff => (string?)handoff.Value["status"] == "open").Select(handoff => handoff.Key)];
            }
        }
    }

    public static JsonObject Decided(string session, string action, string verdict, string status, bool proceed) => new()
    {
        ["action_id"] = action,
        ["session_id"] = session,
        ["verdict"] = verdict,
        ["status"] = status,
        ["proceed"] = proceed,
        ["reasons"] = new JsonArray(new JsonObject { ["rule"] = "autonomy", ["text"] = "As the test says" }),
        ["policy_version"] = "1.1",
    };

    public async Task<Reply> AnswerAsync(Taken request, CancellationToken cancellationToken)
    {
        var segments = request.Path.Trim('/').Split('/');
        return segments switch
        {
            ["healthz"] or ["readyz"] => new Reply(200),
            ["v1", "traces"] => new Reply(200, "", "application/x-protobuf"),
            ["api", "v1", "costs"] => Costs(request),
            ["api", "v1", "fleet", "policy"] => new Reply(200, """{"version":1}""").With("ETag", "\"1\""),
            ["api", "v1", "agents", _, "policy", "own"] => new Reply(200, """{"version":0}""").With("ETag", "\"0\""),
            ["api", "v1", "agents", var agent, "policy"] => await PolicyAsync(agent, request, cancellationToken),
            ["api", "v1", "handoffs", var id] => await WaitAsync(request, () => _handoffs.GetValueOrDefault(id), cancellationToken),
            ["api", "v1", "sessions", var session, .. var rest] => await SessionAsync(session, rest, request, cancellationToken),
            _ => Reply.Refuse(404, "There is no such thing."),
        };
    }

    public void Decide(string session, string action, string status, bool proceed, Action<JsonObject>? edit = null) => Change(() =>
    {
        var decision = _actions[$"{session}/{action}"];
        decision["status"] = status;
        decision["proceed"] = proceed;
        edit?.Invoke(decision);
    });

    public void AnswerHandoff(string handoff, JsonNode answer) => Change(() =>
    {
        _handoffs[handoff]["status"] = "answered";
        _handoffs[handoff]["answer"] = answer;
        _handoffs[handoff]["decided_by"] = "mara@example.com";
    });

    public void Command(string session, string kind, string state, JsonObject? payload = null) => Change(() =>
    {
        _states[session] = state;
        var commands = _commands.TryGetValue(session, out var known) ? known : _commands[session] = [];
        commands.Add(new JsonObject
        {
            ["seq"] = commands.Count + 1,
            ["kind"] = kind,
            ["reason"] = "As the test says",
            ["by"] = "mara@example.com",
            ["payload"] = payload,
        });
    });

    public void Publish() => Change(() => _policyVersion++);

    public string StateOf(string session)
    {
        lock (_lock)
        {
            return _states.GetValueOrDefault(session, "running");
        }
    }

    private async Task<Reply> SessionAsync(string session, string[] rest, Taken request, CancellationToken cancellationToken)
    {
        var reply = (request.Method, rest) switch
        {
            ("POST", ["actions"]) => Ask(session, request),
            ("GET", ["actions", var action]) => await WaitAsync(request, () => _actions.GetValueOrDefault($"{session}/{action}"), cancellationToken),
            ("POST", ["handoffs"]) => Question(request),
            ("GET", ["control"]) => await ControlAsync(session, request, cancellationToken),
            ("POST", ["end"]) => End(session, (string)request.Json["outcome"]!),
            _ => new Reply(200),
        };
        return reply.With("x-handrail-control", StateOf(session) is "paused" or "taken_over" or "stopped" ? StateOf(session) : "running");
    }

    private Reply Ask(string session, Taken request)
    {
        var body = request.Json;
        var key = $"{session}/{body["action_id"]}";
        switch (StateOf(session))
        {
            case "stopped":
                return Reply.Ok(Decided(session, (string)body["action_id"]!, "stop", "stopped", false));
            case "paused" or "taken_over":
                return Reply.Refuse(409, "The session is held.").With("Retry-After", "1");
        }

        lock (_lock)
        {
            if (_bodies.TryGetValue(key, out var earlier) && earlier != request.Body)
            {
                return Reply.Refuse(409, "This action id was used for something else.");
            }

            if (!_actions.TryGetValue(key, out var decision))
            {
                var verdict = Verdict(body);
                var status = verdict switch { "allow" => "allowed", "review" => "pending", "deny" => "denied", "shadow" => "shadowed", _ => "stopped" };
                decision = Decided(session, (string)body["action_id"]!, verdict, status, verdict == "allow");
                decision["arguments"] = body["arguments"]?.DeepClone();
                _bodies[key] = request.Body;
                _actions[key] = decision;
            }

            return Reply.Ok(decision.DeepClone());
        }
    }

    private Reply Question(Taken request)
    {
        lock (_lock)
        {
            var id = (string)request.Json["handoff_id"]!;
            var handoff = _handoffs.TryGetValue(id, out var known) ? known : _handoffs[id] = new JsonObject { ["handoff_id"] = id, ["status"] = "open" };
            return Reply.Ok(handoff.DeepClone());
        }
    }

    private Reply Costs(Taken request)
    {
        lock (_lock)
        {
            var ids = request.Json["events"]!.AsArray().Select(cost => (string)cost!["id"]!).ToList();
            var accepted = ids.Count(_costs.Add);
            return Reply.Ok(new JsonObject { ["accepted"] = accepted, ["duplicates"] = ids.Count - accepted, ["rejected"] = new JsonArray() });
        }
    }

    private Reply End(string session, string outcome)
    {
        Change(() => _states[session] = outcome);
        return new Reply(200);
    }

    private Task<Reply> WaitAsync(Taken request, Func<JsonObject?> find, CancellationToken cancellationToken) =>
        WhenAsync(request, () => find() is { } found && (string?)found["status"] is not ("pending" or "open"), () =>
            find() is { } found ? Reply.Ok(found.DeepClone()) : Reply.Refuse(404, "There is no such thing."), cancellationToken);

    private Task<Reply> ControlAsync(string session, Taken request, CancellationToken cancellationToken)
    {
        var after = int.Parse(Parameter(request, "after") ?? "0", System.Globalization.CultureInfo.InvariantCulture);
        List<JsonObject> News() => [.. (_commands.GetValueOrDefault(session) ?? []).Where(command => (int)command["seq"]! > after)];
        return WhenAsync(request, () => News().Count > 0, () => Reply.Ok(new JsonObject
        {
            ["state"] = _states.GetValueOrDefault(session, "running"),
            ["seq"] = _commands.GetValueOrDefault(session)?.Count ?? 0,
            ["commands"] = new JsonArray([.. News().Select(command => command.DeepClone())]),
        }), cancellationToken);
    }

    private Task<Reply> PolicyAsync(string agent, Taken request, CancellationToken cancellationToken) =>
        WhenAsync(request, () => request.Headers.GetValueOrDefault("If-None-Match") != $"\"{_policyVersion}\"", () =>
            request.Headers.GetValueOrDefault("If-None-Match") == $"\"{_policyVersion}\""
                ? new Reply(304)
                : Reply.Ok(new JsonObject
                {
                    ["agent"] = agent,
                    ["version"] = $"1.{_policyVersion}",
                    ["layers"] = new JsonArray(new JsonObject
                    {
                        ["scope"] = "fleet",
                        ["version"] = 1,
                        ["policy"] = new JsonObject { ["autonomy"] = "suggest" },
                    }),
                }).With("ETag", $"\"{_policyVersion}\""), cancellationToken);

    private async Task<Reply> WhenAsync(Taken request, Func<bool> settled, Func<Reply> answer, CancellationToken cancellationToken)
    {
        using var wait = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        wait.CancelAfter(TimeSpan.FromSeconds(int.Parse(Parameter(request, "wait") ?? "0", System.Globalization.CultureInfo.InvariantCulture)));
        while (true)
        {
            Task changed;
            lock (_lock)
            {
                if (settled() || wait.IsCancellationRequested)
                {
                    return answer();
                }

                changed = _changed.Task;
            }

            await changed.WaitAsync(wait.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            cancellationToken.ThrowIfCancellationRequested();
        }
    }

    private void Change(Action change)
    {
        TaskCompletionSource changed;
        lock (_lock)
        {
            change();
            changed = _changed;
            _changed = new(TaskCreationOptions.RunContinuationsAsynchronously);
        }

        changed.SetResult();
    }

    private static string? Parameter(Taken request, string name) =>
        System.Web.HttpUtility.ParseQueryString(request.Query)[name];
}

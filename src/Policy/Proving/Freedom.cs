using System.Text.Json;
using System.Text.Json.Nodes;

namespace Handrail.Policy;

/// <summary>Everything that is free to choose: the members of an action, its session's figures and tools, and the moment. Turns what was chosen into a question to the gate.</summary>
internal sealed class Freedom
{
    private readonly string? _agent;
    private readonly DateTimeOffset _now;
    private readonly HashSet<TimeZoneInfo> _zones = [];
    private readonly List<CompiledLimit> _ending = [];
    private readonly Dictionary<string, Variable> _variables = new(StringComparer.Ordinal);
    private readonly Dictionary<Variable, string> _usedTools = [];

    public Freedom(string? agent, DateTimeOffset now)
    {
        _agent = agent;
        _now = now;
    }

    public Variable this[FieldId field] => Named(field, field.ToString());

    /// <summary>The variable behind a field of a condition. Not for <see cref="FieldId.Taint"/>, which follows from the tools used (<see cref="Used"/>).</summary>
    public Variable Of(Field field, TimeZoneInfo zone)
    {
        if (field.Id is FieldId.Hour or FieldId.Weekday) _zones.Add(zone);
        return Named(field.Id, field.Id == FieldId.Argument ? field.Name : field.Id.ToString());
    }

    /// <summary>Before its end and after it a limit is to be told apart; to be said of all before the first moment is chosen.</summary>
    public void TellApart(CompiledLimit limit)
    {
        if (limit.Limit.Until is not null) _ending.Add(limit);
    }

    /// <summary>Whether the session has used a tool.</summary>
    public Variable Used(string tool)
    {
        var name = $"use of {tool}";
        if (_variables.TryGetValue(name, out var known)) return known;
        var used = _variables[name] = Values.Flag(name);
        _usedTools[used] = tool;
        return used;
    }

    /// <summary>What JSON demands of arguments that conditions speak of together with their own members.</summary>
    /// <exception cref="BeyondProofException">One of them is a list, spoken of both as a whole and by place.</exception>
    public IEnumerable<Formula> Nesting()
    {
        var arguments = _variables.Values.Where(variable => variable.IsArgument).ToList();
        foreach (var outer in arguments)
        {
            foreach (var inner in arguments.Where(inner => inner.Name.StartsWith(outer.Name + ".", StringComparison.Ordinal)))
            {
                var step = inner.Name[(outer.Name.Length + 1)..].Split('.')[0];
                if (step.All(char.IsAsciiDigit)) throw new BeyondProofException($"conditions speak both of {outer.Name} as a whole and of its elements by their place");
                yield return new NestingAtom(outer, inner);
            }
        }
    }

    /// <summary>The question to the gate that has been chosen; what was left open is missing.</summary>
    public (ActionRequest Action, SessionFacts Facts, DateTimeOffset At) Chosen()
    {
        var action = new ActionRequest("a-1", Text(FieldId.Agent) ?? "agent", Text(FieldId.Type) ?? "")
        {
            AgentVersion = Text(FieldId.AgentVersion),
            User = Text(FieldId.User),
            Tool = Text(FieldId.Tool),
            Amount = Number(FieldId.Amount),
            Currency = Text(FieldId.Currency)?.ToUpperInvariant() is { } currency && ComparableText.Of(currency) == Text(FieldId.Currency) ? currency : Text(FieldId.Currency),
            Vendor = Text(FieldId.Vendor),
            Category = Text(FieldId.Category),
            Confidence = Number(FieldId.Confidence),
            Reasoning = Text(FieldId.Reasoning),
            CitationCount = (int)(Number(FieldId.Citations) ?? 0),
            FailedChecks = (int)(Number(FieldId.FailedChecks) ?? 0),
            Risk = Value(FieldId.Risk) as Risk?,
            Arguments = Arguments(),
        };
        var facts = new SessionFacts("s-1")
        {
            ToolsUsed = [.. _usedTools.Where(tool => tool.Key.Settled is true).Select(tool => tool.Value)],
            CostUsd = Number(FieldId.CostUsd),
            Turns = (long?)Number(FieldId.Turns),
            Steps = (long?)Number(FieldId.Steps),
            ToolCalls = (long?)Number(FieldId.ToolCalls),
            ContextTokens = (long?)Number(FieldId.ContextTokens),
            AgeSeconds = Number(FieldId.AgeSeconds),
        };
        return (action, facts, Value(FieldId.Hour) as DateTimeOffset? ?? _now);
    }

    private Variable Named(FieldId field, string name)
    {
        // Hour and weekday are two sides of one moment.
        if (field == FieldId.Weekday) (field, name) = (FieldId.Hour, FieldId.Hour.ToString());
        if (_variables.TryGetValue(name, out var known)) return known;
        return _variables[name] = field switch
        {
            FieldId.Type => Values.Text("type", mayBeMissing: false),
            FieldId.Agent when _agent is { } agent => Values.Fixed("agent", ComparableText.Of(agent)),
            FieldId.Agent => Values.Text("agent", mayBeMissing: false),
            FieldId.Tool => Values.Text("tool", mayBeMissing: true),
            FieldId.Currency => Values.Text("currency", mayBeMissing: true),
            FieldId.User => Values.Text("user", mayBeMissing: true),
            FieldId.AgentVersion => Values.Text("agent_version", mayBeMissing: true),
            FieldId.Reasoning => Values.Text("reasoning", mayBeMissing: true),
            FieldId.Vendor => Values.Text("vendor", mayBeMissing: true, ofOneScript: true),
            FieldId.Category => Values.Text("category", mayBeMissing: true, ofOneScript: true),
            FieldId.Citations or FieldId.FailedChecks => Values.Count(name, int.MaxValue, mayBeMissing: false),
            FieldId.Turns or FieldId.Steps or FieldId.ToolCalls or FieldId.ContextTokens => Values.Count(name, long.MaxValue, mayBeMissing: true),
            FieldId.Risk => Values.StatedRisk(),
            FieldId.Hour => Values.Moment(new(() => Moments.From(_now, _zones, _ending))),
            FieldId.Argument => Values.Argument(name),
            _ => Values.Number(name),
        };
    }

    private object? Value(FieldId field) => _variables.TryGetValue(field.ToString(), out var variable) ? variable.Settled : null;

    private string? Text(FieldId field) => Value(field) as string;

    private decimal? Number(FieldId field) => Value(field) as decimal?;

    /// <summary>One object with every argument at its place.</summary>
    private JsonElement Arguments()
    {
        var given = _variables.Values.Where(variable => variable.IsArgument && variable.Settled is not null).OrderBy(variable => variable.Name, StringComparer.Ordinal).ToList();
        if (given.Count == 0) return default;
        var root = new JsonObject();
        foreach (var variable in given)
        {
            var path = Fields.Path(variable.Name);
            var place = root;
            foreach (var step in path.SkipLast(1)) place = place[step] as JsonObject ?? (JsonObject)(place[step] = new JsonObject());
            if (!(Variable.IsObject(variable.Settled) && place[path[^1]] is JsonObject)) place[path[^1]] = JsonNode.Parse(((JsonElement)variable.Settled!).GetRawText());
        }

        return JsonElement.Parse(root.ToJsonString());
    }
}

using Handrail.Telemetry;

namespace Handrail.Patterns;

/// <summary>A session made call by call, each after the one before it.</summary>
internal sealed class MadeSession(string name, bool loops, bool pingPongs)
{
    private bool _pingPongs = pingPongs;
    private readonly List<Call> _calls = [];
    private DateTimeOffset _now = new(2026, 11, 2, 12, 0, 0, TimeSpan.Zero);
    private int _trace = 1;
    private int _words;

    public string Name => name;

    /// <summary>It calls the same again and again and gets the same.</summary>
    public bool Loops => loops;

    /// <summary>Its agents hand to one another and get nowhere.</summary>
    public bool PingPongs => _pingPongs;

    public Call[] Calls => [.. _calls.OrderBy(c => c.StartedAt)];

    public string Agent { get; private set; } = "desk";

    public MadeSession Times(int times, Action<MadeSession, int> what)
    {
        for (int i = 0; i < times; i++)
            what(this, i);
        return this;
    }

    public MadeSession As(string agent)
    {
        Agent = agent;
        return this;
    }

    public MadeSession End() => this;

    public MadeSession AndPingPong()
    {
        _pingPongs = true;
        return this;
    }

    /// <summary>What follows is in a trace of this number, as it was before.</summary>
    public MadeSession Back(int trace)
    {
        _trace = trace;
        return this;
    }

    /// <summary>What follows is another trace.</summary>
    public MadeSession Anew()
    {
        _trace++;
        return this;
    }

    public MadeSession Tool(string tool, string? arguments, string? result, bool failed = false) => Add(new Call
    {
        Trace = Trace, Kind = StepKind.Tool, Agent = Agent, StartedAt = _now, EndedAt = _now.AddSeconds(1), Tool = tool, Failed = failed,
        Asked = ContentPrint.OfCall(tool, arguments), Got = ContentPrint.OfResult(result),
    });

    /// <summary>A model's call; without words it says something new.</summary>
    public MadeSession Say(string? words = null, string? asked = null) => Add(new Call
    {
        Trace = Trace, Kind = StepKind.Llm, Agent = Agent, StartedAt = _now, EndedAt = _now.AddSeconds(2),
        Asked = ContentPrint.OfLastMessage(asked ?? $"question {++_words}"), Got = ContentPrint.OfMessages(words ?? $"answer {++_words}"),
    });

    /// <summary>A model's call whose content was not sent.</summary>
    public MadeSession SayUnheard() => Add(new Call { Trace = Trace, Kind = StepKind.Llm, Agent = Agent, StartedAt = _now, EndedAt = _now.AddSeconds(2) });

    public MadeSession LookUp(string query, string found) => Add(new Call
    {
        Trace = Trace, Kind = StepKind.Retrieval, Agent = Agent, StartedAt = _now, EndedAt = _now.AddSeconds(1), Asked = ContentPrint.OfCall("", query), Got = ContentPrint.OfResult(found),
    });

    public MadeSession Person() => Add(new Call { Trace = Trace, Kind = StepKind.Human, Agent = Agent, StartedAt = _now, EndedAt = _now.AddSeconds(1) });

    public MadeSession HandTo(string target) => Add(new Call
    {
        Trace = Trace, Kind = StepKind.Handoff, Agent = Agent, Target = target, StartedAt = _now, EndedAt = _now.AddSeconds(1), Tool = $"transfer_to_{target}",
    });

    /// <summary>Several agents at once, each a model's call that begins while the others' still run.</summary>
    public MadeSession AtOnce(params string[] agents)
    {
        for (int i = 0; i < agents.Length; i++)
            _calls.Add(new Call { Trace = Trace, Kind = StepKind.Llm, Agent = agents[i], StartedAt = _now.AddMilliseconds(100 * i), EndedAt = _now.AddSeconds(3), Got = ++_words });
        _now = _now.AddSeconds(2.5);
        return this;
    }

    private string Trace => $"{_trace:x32}";

    private MadeSession Add(Call call)
    {
        _calls.Add(call);
        _now = call.EndedAt;
        return this;
    }
}

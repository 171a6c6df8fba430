using Handrail.Telemetry;

namespace Handrail.Benchmarks;

/// <summary>A session of a day in the life of a fleet.</summary>
/// <param name="Live">Still at work when the day ends.</param>
internal sealed record GrowthSession(string Id, string Agent, string User, string Title, DateTimeOffset Start, int Turns, bool Live);

/// <summary>
/// The telemetry of one day: a dozen agents, hundreds of users, short sessions and long ones, of which some have 500 steps. The same numbers give
/// the same day.
/// </summary>
internal sealed class GrowthDay
{
    public const int StepsInTurn = 10;

    /// <summary>An agent that hardly ever works.</summary>
    public const string RareAgent = "annual-report";

    private const int LongEvery = 150;
    private const int LongTurns = 50;
    private const int LiveEvery = 40;
    private const int TurnsInRequest = 52;
    private const int TurnSeconds = 20;

    private static readonly string[] Agents =
        ["billing", "claims-triage", "contracts", "email-assistant", "escalation", "expense-approver", "invoice-match", "onboarding", "research", "scheduler", "support-chat", "vendor-check"];

    private static readonly (string Provider, string Model)[] Models =
        [("openai", "gpt-5-mini"), ("openai", "gpt-5"), ("anthropic", "claude-sonnet-4-5"), ("gcp.gemini", "gemini-2.5-flash")];

    private static readonly string[] Tools = ["lookup", "search_documents", "send_email", "create_ticket", "query_ledger", "fetch_url"];

    private static readonly string[] Words =
        "invoice refund dispute contract renewal vendor audit quarterly payroll onboarding licence claim damage policy premium ledger balance shipment customs tariff reminder overdue escalated priority review summary draft translation meeting calendar travel booking hotel receipt expense approval budget forecast supplier tender offer complaint warranty return exchange password account access reset merge duplicate address change".Split(' ');

    private readonly Random _random;

    /// <param name="steps">About how many.</param>
    public GrowthDay(int steps, DateTimeOffset end, int seed)
    {
        _random = new Random(seed);
        var sessions = new List<GrowthSession>();
        for (var made = 0; made < steps; made += sessions[^1].Turns * StepsInTurn)
        {
            sessions.Add(Session(sessions.Count, end));
        }

        Sessions = sessions;
    }

    public IReadOnlyList<GrowthSession> Sessions { get; }

    /// <summary>OTLP requests of some fifty traces each; a session's turns follow one another.</summary>
    public IEnumerable<byte[]> Requests()
    {
        var turns = Sessions.SelectMany(s => Enumerable.Range(0, s.Turns).Select(t => (Session: s, Turn: t)));
        foreach (var part in turns.Chunk(TurnsInRequest))
        {
            var writer = new WireWriter();
            foreach (var service in part.GroupBy(t => t.Session.Agent, StringComparer.Ordinal))
            {
                var resource = writer.BeginMessage(1);
                var attributes = writer.BeginMessage(1);
                SpanRequests.Attribute(writer, 1, "service.name", service.Key);
                SpanRequests.Attribute(writer, 1, "service.version", "1.4.2");
                SpanRequests.Attribute(writer, 1, "telemetry.sdk.name", "opentelemetry");
                writer.EndMessage(attributes);
                var scope = writer.BeginMessage(2);
                foreach (var (session, turn) in service)
                {
                    WriteTurn(writer, session, turn);
                }

                writer.EndMessage(scope);
                writer.EndMessage(resource);
            }

            yield return writer.Written.ToArray();
        }
    }

    private GrowthSession Session(int number, DateTimeOffset end)
    {
        var turns = number % LongEvery == 0 ? LongTurns : 1 + _random.Next(6);
        var live = number % LiveEvery == 1;
        var length = TimeSpan.FromSeconds(turns * TurnSeconds);
        var late = live ? TimeSpan.FromSeconds(_random.Next(240)) : TimeSpan.FromHours(1) + TimeSpan.FromSeconds(_random.Next(23 * 3600) - length.TotalSeconds);
        return new GrowthSession(
            Id(16), number == LongEvery / 2 ? RareAgent : Agents[(int)(Agents.Length * Math.Pow(_random.NextDouble(), 1.5))], $"user-{_random.Next(400):d3}@example.com",
            $"{Words[_random.Next(Words.Length)]} {Words[_random.Next(Words.Length)]} {Words[_random.Next(Words.Length)]}", end - late - length, turns, live);
    }

    private void WriteTurn(WireWriter writer, GrowthSession session, int turn)
    {
        var trace = new byte[16];
        _random.NextBytes(trace);
        var root = new byte[8];
        _random.NextBytes(root);
        var start = session.Start + TimeSpan.FromSeconds(turn * TurnSeconds);
        for (var place = 0; place < StepsInTurn; place++)
        {
            var message = writer.BeginMessage(2);
            writer.WriteBytes(1, trace);
            if (place == 0)
            {
                writer.WriteBytes(2, root);
            }
            else
            {
                var span = new byte[8];
                _random.NextBytes(span);
                writer.WriteBytes(2, span);
                writer.WriteBytes(4, root);
            }

            WriteStep(writer, session, (turn * StepsInTurn) + place, place, start);
            writer.EndMessage(message);
        }
    }

    private void WriteStep(WireWriter writer, GrowthSession session, int step, int place, DateTimeOffset start)
    {
        var (provider, model) = Models[_random.Next(Models.Length)];
        var tool = Tools[_random.Next(Tools.Length)];
        var (operation, name) = place == 0 ? ("invoke_agent", $"invoke_agent {session.Agent}") : place % 2 == 1 ? ("chat", $"chat {model}") : ("execute_tool", $"execute_tool {tool}");
        writer.WriteText(5, name);
        writer.WriteFixed64(7, Nanos(start.AddSeconds(place)));
        writer.WriteFixed64(8, Nanos(start.AddSeconds(place == 0 ? StepsInTurn : place + 0.9)));
        SpanRequests.Attribute(writer, 9, "gen_ai.operation.name", operation);
        SpanRequests.Attribute(writer, 9, "gen_ai.agent.name", session.Agent);
        SpanRequests.Attribute(writer, 9, "gen_ai.conversation.id", session.Id);
        SpanRequests.Attribute(writer, 9, "enduser.id", session.User);
        if (operation == "chat")
        {
            SpanRequests.Attribute(writer, 9, "gen_ai.provider.name", provider);
            SpanRequests.Attribute(writer, 9, "gen_ai.request.model", model);
            SpanRequests.Attribute(writer, 9, "gen_ai.response.model", model);
            SpanRequests.Attribute(writer, 9, "gen_ai.usage.input_tokens", 400L + _random.Next(8_000));
            SpanRequests.Attribute(writer, 9, "gen_ai.usage.output_tokens", 20L + _random.Next(900));
            SpanRequests.Attribute(writer, 9, "gen_ai.input.messages", SpanRequests.Messages("user", step));
            SpanRequests.Attribute(writer, 9, "gen_ai.output.messages", SpanRequests.Messages("assistant", step));
        }
        else if (operation == "execute_tool")
        {
            SpanRequests.Attribute(writer, 9, "gen_ai.tool.name", tool);
            SpanRequests.Attribute(writer, 9, "gen_ai.tool.call.arguments", $$"""{"query":"{{Words[step % Words.Length]}} {{step}}","limit":10}""");
            SpanRequests.Attribute(writer, 9, "gen_ai.tool.call.result", SpanRequests.Messages("tool", step));
            if (_random.Next(50) == 0)
            {
                SpanRequests.Attribute(writer, 9, "error.type", "timeout");
                var status = writer.BeginMessage(15);
                writer.WriteText(2, "no answer within 30 s");
                writer.WriteVarint(3, 2);
                writer.EndMessage(status);
            }
        }
    }

    private string Id(int length)
    {
        var bytes = new byte[length];
        _random.NextBytes(bytes);
        return Convert.ToHexStringLower(bytes);
    }

    private static ulong Nanos(DateTimeOffset at) => (ulong)(at - DateTimeOffset.UnixEpoch).Ticks * 100;
}

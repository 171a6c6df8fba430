namespace Handrail.Patterns;

/// <summary>Sessions of which a person can say whether they have run away: by more than five same calls, or more than six times handed to and fro.</summary>
internal static class MadeSessions
{
    private const string Page = """{"title":"Opening hours","body":"9 to 5"}""";

    public static IEnumerable<MadeSession> All => [.. Loops(), .. Polling(), .. Healthy(), .. PingPongs(), .. Cooperating()];

    private static IEnumerable<MadeSession> Loops()
    {
        yield return Loop("the same search").Times(6, (s, _) => s.Say().Tool("search_web", """{"q":"opening hours"}""", Page));
        yield return Loop("the same search, members in another order").Times(6, (s, i) => s.Tool("search", i % 2 == 0 ? """{"q":"a","n":10}""" : """{"n":10.0, "q":"a"}""", Page));
        yield return Loop("the same search across traces").Times(7, (s, _) => s.Anew().Say().Tool("search_web", """{"q":"x"}""", Page));
        yield return Loop("without results known").Times(8, (s, _) => s.Say().Tool("run_tests", "{}", null));
        yield return Loop("a call that always fails").Times(6, (s, _) => s.Say().Tool("deploy", """{"to":"eu"}""", "timeout", failed: true));
        yield return Loop("the same message").Times(6, (s, _) => s.Say("I am sorry, I can't.", "Please go on."));
        yield return Loop("thanks for thanks").Times(6, (s, _) => s.As("a").Say("Thank you!", "You're welcome!").As("b").Say("You're welcome!", "Thank you!")).AndPingPong();
        yield return Loop("arguments that are no JSON").Times(6, (s, _) => s.Tool("shell", "git status", "clean"));
        yield return Loop("a loop of two calls").Times(6, (s, _) => s.Tool("read", """{"f":"a"}""", "1").Tool("read", """{"f":"b"}""", "2"));
        yield return Loop("a loop of three calls").Times(7, (s, _) => s.Tool("read", """{"f":"a"}""", "1").Tool("read", """{"f":"b"}""", "2").Tool("read", """{"f":"c"}""", "3"));
        yield return Loop("after healthy work").Times(40, (s, i) => s.Say().Tool("read", $$"""{"f":{{i}}}""", $"{i}")).Times(6, (s, _) => s.Tool("save", """{"f":1}""", "ok"));
        yield return Loop("results spelt differently that are the same").Times(6, (s, i) => s.Tool("get", "{}", i % 2 == 0 ? """{"a":1,"b":2}""" : """{ "b":2,"a":1 }"""));
        yield return Loop("the same look-up").Times(6, (s, _) => s.LookUp("refund policy", "section 4")).End();
        yield return Loop("by a second agent").Times(3, (s, i) => s.As("lead").Tool("plan", $"{i}", "ok")).Times(6, (s, _) => s.As("worker").Say().Tool("fetch", """{"u":"x"}""", "404"));
        yield return Loop("long texts").Times(6, (s, _) => s.Tool("write", new string('x', 300_000), "ok"));
        yield return Loop("same words, new ids").Times(6, (s, i) => s.Say($$"""[{"role":"assistant","id":"m{{i}}","content":"Shall I go on?"}]""", $$"""[{"role":"user","id":"u{{i}}","content":"ok"}]"""));
    }

    private static IEnumerable<MadeSession> Polling()
    {
        yield return Fine("polling, the state changes").Times(30, (s, i) => s.Say().Tool("job_status", """{"job":7}""", $$"""{"done":{{i}}}"""));
        yield return Fine("polling, a clock in the result").Times(30, (s, i) => s.Tool("job_status", """{"job":7}""", $$"""{"state":"running","at":"12:00:{{i:00}}"}"""));
        yield return Fine("paging").Times(50, (s, i) => s.Tool("list_orders", $$"""{"page":{{i}}}""", "20 orders"));
        yield return Fine("polling with a cursor").Times(25, (s, i) => s.Tool("events", $$"""{"after":{{i}}}""", "[]"));
        yield return Fine("five the same, as many as may be").Times(5, (s, _) => s.Tool("search_web", """{"q":"x"}""", Page));
        yield return Fine("retries that succeed at last").Times(5, (s, _) => s.Tool("deploy", """{"to":"eu"}""", "timeout", failed: true)).Tool("deploy", """{"to":"eu"}""", "done");
        yield return Fine("the same now and then").Times(6, (s, i) => s.Tool("time", "{}", "noon").Times(6, (t, k) => t.Tool("read", $$"""{"f":{{(i * 10) + k}}}""", $"{i}{k}")));
        yield return Fine("arguments are not captured").Times(40, (s, _) => s.Say().Tool("search_web", null, null));
        yield return Fine("nothing is captured").Times(60, (s, _) => s.SayUnheard().Tool("read", null, null));
        yield return Fine("the same answer to other questions").Times(40, (s, i) => s.Say("approve", $"Is invoice {i} in order?"));
        yield return Fine("the same question, other answers").Times(12, (s, i) => s.Say($"draft {i}", "Another one, please."));
        yield return Fine("the same tool on other files").Times(40, (s, i) => s.Tool("read_file", $$"""{"path":"src/{{i}}.cs"}""", "class"));
        yield return Fine("the same name by another tool").Times(20, (s, i) => s.Tool($"tool_{i}", """{"q":"x"}""", "ok"));
        yield return Fine("large numbers that differ in the last digit").Times(20, (s, i) => s.Tool("get", $$"""{"id":12345678901234567{{i:00}}}""", "ok"));
    }

    private static IEnumerable<MadeSession> Healthy()
    {
        yield return Fine("one call").Say();
        yield return Fine("nothing").End();
        yield return Fine("a long, healthy session").Times(400, (s, i) => s.Say().Tool("edit", $$"""{"line":{{i}}}""", "ok"));
        yield return Fine("a long conversation").Times(100, (s, _) => s.Anew().Say());
        yield return Fine("coding: edit, test, edit").Times(10, (s, i) => s.Tool("edit", $$"""{"n":{{i}}}""", "ok").Tool("test", "{}", $"{10 - i} fail").Say());
        yield return Fine("greetings").Times(5, (s, _) => s.Anew().Say("Hello! How can I help?", "Hi"));
        yield return Fine("embeddings of many pages").Times(60, (s, i) => s.LookUp($"page {i}", $"{i}"));
        yield return Fine("failures that differ").Times(20, (s, i) => s.Tool("fetch", $$"""{"u":{{i}}}""", "404", failed: true));
        yield return Fine("a person between").Times(10, (s, _) => s.Person().Say());
        yield return Fine("arguments in other letters").Times(20, (s, i) => s.Tool("search", i % 2 == 0 ? $"\"a{i}\"" : $"\"A{i}\"", "none"));
    }

    private static IEnumerable<MadeSession> PingPongs()
    {
        yield return Pong("in one trace").Times(4, (s, _) => s.As("a").Say().HandTo("b").As("b").Say().HandTo("a"));
        yield return Pong("across traces of a session").Times(4, (s, _) => s.Anew().As("a").Say().Anew().As("b").Say());
        yield return Pong("across traces, with handoffs").Times(4, (s, _) => s.Anew().As("a").Say().HandTo("b").Anew().As("b").Say().HandTo("a"));
        yield return Pong("three in a ring").Times(3, (s, _) => s.As("a").Say().As("b").Say().As("c").Say());
        yield return Pong("told of under one name").Times(5, (s, _) => s.HandTo("billing").Say().HandTo("triage").Say());
        yield return Pong("after a long piece of work").As("a").Times(30, (s, i) => s.Tool("read", $"{i}", "ok")).Times(4, (s, _) => s.As("a").Say().As("b").Say());
        yield return Pong("with a tool that brings nothing new").Times(5, (s, _) => s.As("a").Say().As("b").Tool("compare", """{"draft":1}""", "2 open").Say());
        yield return Pong("over days").Times(40, (s, _) => s.As("analyst").Say().As("verifier").Say());
        yield return Pong("each says a lot").Times(5, (s, _) => s.As("a").Say().Say().Say().As("b").Say().Say());
        yield return Pong("nothing captured").Times(5, (s, _) => s.As("a").SayUnheard().As("b").SayUnheard());
        yield return Pong("reached by a third").As("router").Say().Times(4, (s, _) => s.As("a").Say().As("b").Say());
        yield return Pong("one trace of one calls the other's anew").Times(5, (s, i) => s.Back(1).As("a").Say().Back(10 + i).As("b").Say());
    }

    private static IEnumerable<MadeSession> Cooperating()
    {
        yield return Fine("handed over once").As("triage").Say().HandTo("billing").As("billing").Say().Say();
        yield return Fine("six times, as many as may be").Times(3, (s, _) => s.As("a").Say().As("b").Say()).As("a").Say();
        yield return Fine("every request begins with triage").Times(20, (s, _) => s.Anew().As("triage").Say().HandTo("billing").As("billing").Say());
        yield return Fine("a writer and a checker who works").Times(10, (s, i) => s.As("writer").Say().As("checker").Tool("compare", $"{i}", $"{10 - i} open").Say());
        yield return Fine("a lead with many workers").Times(12, (s, i) => s.As("lead").Say().As($"worker-{i}").Say());
        yield return Fine("a pipeline of ten").Times(10, (s, i) => s.As($"stage-{i}").Say());
        yield return Fine("workers at once").Times(10, (s, _) => s.AtOnce("a", "b", "c"));
        yield return Fine("a person between the two").Times(10, (s, _) => s.As("a").Say().Person().As("b").Say());
        yield return Fine("a lead and a worker who looks things up").Times(10, (s, i) => s.As("lead").Say().As("worker").LookUp($"{i}", $"{i}"));
        yield return Fine("tools whose arguments are not known").Times(10, (s, _) => s.As("lead").Say().As("worker").Tool("query", null, null));
        yield return Fine("one agent over many traces").Times(30, (s, _) => s.Anew().As("a").Say());
        yield return Fine("polling by two").Times(10, (s, i) => s.As("a").Say().As("b").Tool("status", "{}", $"{i} %"));
    }

    private static MadeSession Loop(string name) => new(name, loops: true, pingPongs: false);

    private static MadeSession Pong(string name) => new(name, loops: false, pingPongs: true);

    private static MadeSession Fine(string name) => new(name, loops: false, pingPongs: false);
}

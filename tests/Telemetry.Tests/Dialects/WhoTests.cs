using Handrail.Otlp;
using Handrail.Telemetry;

namespace Handrail.Dialects;

/// <summary>Which session, which agent, which person: in the documented order of preference.</summary>
public sealed class WhoTests
{
    private static readonly string[] SessionNames =
    [
        "langfuse.session.id", "session.id", "gen_ai.conversation.id", "traceloop.association.properties.session_id",
        "traceloop.association.properties.thread_id", "traceloop.association.properties.conversation_id",
        "ai.telemetry.metadata.sessionId", "ai.telemetry.metadata.session_id", "ai.settings.context.sessionId",
        "ai.settings.context.session_id", "conversation.id", "anthropic.session.id", "litellm.metadata.session_id",
        "metadata.session_id",
    ];

    private static readonly string[] UserNames =
    [
        "langfuse.user.id", "enduser.id", "user.id", "user.email", "litellm.end_user.id", "metadata.user_api_key_end_user_id",
        "traceloop.association.properties.user_id", "ai.telemetry.metadata.userId", "ai.settings.context.userId", "llm.user",
    ];

    [Fact]
    public void The_session_is_the_first_name_in_the_documented_order()
    {
        for (int first = 0; first < SessionNames.Length; first++)
        {
            (string, object?)[] attributes = [.. SessionNames.Skip(first).Reverse().Select(name => (name, (object?)name))];
            Assert.Equal(SessionNames[first], Spans.Read([.. attributes, ("metadata", """{"session_id":"m"}""")]).SessionId);
        }
    }

    [Theory]
    [InlineData("""{"thread_id":"t-1","user_id":"u-1"}""", "t-1", "u-1")]
    [InlineData("""{"conversation_id":"c-1","session_id":null}""", "c-1", null)]
    [InlineData("""{"session_id":17}""", "17", null)]
    [InlineData("""{"session_id":""}""", null, null)]
    [InlineData("""{"session_id":{"nested":1}}""", null, null)]
    [InlineData("""not json""", null, null)]
    [InlineData("""["session_id"]""", null, null)]
    public void A_session_and_a_user_are_found_inside_JSON_metadata(string metadata, string? session, string? user)
    {
        Step step = Spans.Read(("metadata", metadata));
        Assert.Equal(session, step.SessionId);
        Assert.Equal(user, step.EndUser);
    }

    [Theory]
    [InlineData("thread.id")]
    [InlineData("mcp.session.id")]
    [InlineData("gen_ai.response.id")]
    [InlineData("service.instance.id")]
    public void A_thread_a_transport_and_an_answer_are_no_session(string attribute) =>
        Assert.Null(Spans.Read((attribute, "2")).SessionId);

    [Fact]
    public void Empty_and_blank_names_are_none() =>
        Assert.Equal("real", Spans.Read(("session.id", ""), ("gen_ai.conversation.id", "  "), ("conversation.id", "real")).SessionId);

    [Fact]
    public void A_numeric_id_is_read_as_text() => Assert.Equal("42", Spans.Read(("session.id", 42)).SessionId);

    [Fact]
    public void A_session_of_the_resource_is_kept_apart_from_the_spans_own()
    {
        var request = new OtlpRequest(new SpanSpec()) { Resource = [("session.id", "from-resource"), ("service.name", "svc"), ("service.version", "1")] };
        Step step = Assert.Single(OtlpTraces.ReadProtobuf(request.ToProtobuf(), Fixture.Now).Steps);
        Assert.Null(step.SessionId);
        Assert.Equal("from-resource", step.ResourceSessionId);
        Assert.Equal(("svc", "1"), (step.ServiceName, step.ServiceVersion));
    }

    [Fact]
    public void The_user_is_the_first_name_in_the_documented_order()
    {
        for (int first = 0; first < UserNames.Length; first++)
        {
            (string, object?)[] attributes = [.. UserNames.Skip(first).Reverse().Select(name => (name, (object?)name))];
            Assert.Equal(UserNames[first], Spans.Read(attributes).EndUser);
        }
    }

    [Fact]
    public void Claude_Codes_user_id_is_an_installation_not_a_person()
    {
        Assert.Null(Spans.Read(("span.type", "llm_request"), ("user.id", "hash")).EndUser);
        Assert.Equal("a@b.c", Spans.Read(("span.type", "llm_request"), ("user.id", "hash"), ("user.email", "a@b.c")).EndUser);
    }

    [Theory]
    [InlineData("gen_ai.operation.name", "invoke_agent", "gen_ai.agent.name", "billing")]
    [InlineData("gen_ai.operation.name", "chat", "gen_ai.agent.name", "billing")]
    [InlineData("openinference.span.kind", "AGENT", "agent.name", "billing")]
    [InlineData("openinference.span.kind", "AGENT", "graph.node.id", "billing")]
    [InlineData("traceloop.span.kind", "agent", "traceloop.entity.name", "billing")]
    [InlineData("ai.operationId", "ai.generateText", "ai.telemetry.functionId", "billing")]
    [InlineData("traceloop.span.kind", "tool", "traceloop.entity.name", null)]
    [InlineData("openinference.span.kind", "CHAIN", "graph.node.id", null)]
    [InlineData("ai.operationId", "ai.generateText.doGenerate", "ai.telemetry.functionId", null)]
    public void The_agent_is_named_where_its_dialect_names_it(string marker, string kind, string attribute, string? agent) =>
        Assert.Equal(agent, Spans.ReadChild((marker, kind), (attribute, "billing")).AgentName);

    [Fact]
    public void A_dialect_without_an_agent_attribute_names_the_agents_span()
    {
        Step Named(string marker, string kind) =>
            Spans.Read(new SpanSpec { Name = "refunds", ParentSpanId = [1, 1, 1, 1, 1, 1, 1, 1], Attributes = [(marker, kind)] });
        Assert.Equal("refunds", Named("openinference.span.kind", "AGENT").AgentName);
        Assert.Equal("refunds", Named("langfuse.observation.type", "agent").AgentName);
        Assert.Null(Named("openinference.span.kind", "CHAIN").AgentName);
        Assert.Null(Named("gen_ai.operation.name", "invoke_agent").AgentName);
    }

    [Fact]
    public void The_root_chain_of_a_graph_and_the_trace_name_of_Langfuse_are_agents_of_the_root_only()
    {
        Assert.Equal("LangGraph", Spans.Read(new SpanSpec { Name = "LangGraph", Attributes = [("openinference.span.kind", "CHAIN")] }).AgentName);
        Assert.Equal("support", Spans.Read(("langfuse.trace.name", "support")).AgentName);
        Assert.Null(Spans.ReadChild(("langfuse.trace.name", "support")).AgentName);
    }

    [Fact]
    public void The_agents_version_is_its_own_before_its_release()
    {
        Assert.Equal("3", Spans.Read(("gen_ai.agent.version", "3"), ("langfuse.release", "9")).AgentVersion);
        Assert.Equal("2", Spans.Read(("traceloop.span.kind", "agent"), ("traceloop.entity.version", "2")).AgentVersion);
        Assert.Null(Spans.Read(("traceloop.span.kind", "workflow"), ("traceloop.entity.version", "2")).AgentVersion);
    }

    [Theory]
    [InlineData("gcp.vertex_ai", "google")]
    [InlineData("az.ai.openai", "azure")]
    [InlineData("aws.bedrock", "aws")]
    [InlineData("x_ai", "xai")]
    [InlineData("mistral_ai", "mistral")]
    [InlineData("openai", "openai")]
    [InlineData("my-own", "my-own")]
    public void A_provider_has_one_name(string sent, string provider)
    {
        Assert.Equal(provider, Spans.Read(("gen_ai.provider.name", sent)).Provider);
        Assert.Equal(provider, Spans.Read(("gen_ai.system", sent)).Provider);
    }

    [Fact]
    public void The_AI_SDKs_provider_stands_before_the_dot()
    {
        Assert.Equal("openai", Spans.Read(("ai.operationId", "ai.generateText.doGenerate"), ("gen_ai.system", "openai.chat")).Provider);
        Assert.Equal("anthropic", Spans.Read(("ai.model.provider", "anthropic.messages")).Provider);
    }

    [Fact]
    public void The_model_asked_and_the_model_that_answered_are_both_kept()
    {
        Step step = Spans.Read(("gen_ai.request.model", "gpt-5.4"), ("gen_ai.response.model", "gpt-5.4-2026-08-01"));
        Assert.Equal(("gpt-5.4", "gpt-5.4-2026-08-01"), (step.RequestModel, step.ResponseModel));
        Assert.Equal("m", Spans.Read(("llm.model_name", "m")).ResponseModel);
        Assert.Equal("m", Spans.Read(("ai.model.id", "m")).RequestModel);
        Assert.Equal("m", Spans.Read(("span.type", "llm_request"), ("model", "m")).RequestModel);
        Assert.Null(Spans.Read(("model", "a car")).RequestModel);
    }
}

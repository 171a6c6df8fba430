using System.Text;
using Handrail.Telemetry;

namespace Handrail.Prices;

/// <summary>A call is priced by its own model at the time of the call, or not at all.</summary>
public sealed class PriceTableTests
{
    private static readonly DateTimeOffset Now = new(2026, 11, 23, 12, 0, 0, TimeSpan.Zero);

    private static ModelPrice? Find(string? provider, string? response, string? request = null) =>
        PriceTable.BuiltIn.Find(provider, response, request, Now);

    [Fact]
    public void The_table_says_where_its_figures_are_from()
    {
        Assert.Contains("genai-prices", PriceTable.BuiltIn.Source, StringComparison.Ordinal);
        Assert.Equal(2026, PriceTable.BuiltIn.Date.Year);
        Assert.All(PriceTable.BuiltIn.Prices, price => Assert.True(price.Rates.Input >= 0));
    }

    [Theory]
    [InlineData("openai", "gpt-6-sol")]
    [InlineData("openai", "gpt-5.4")]
    [InlineData("openai", "gpt-5.4-mini")]
    [InlineData("openai", "o4-mini")]
    [InlineData("openai", "text-embedding-3-large")]
    [InlineData("anthropic", "claude-opus-5-5")]
    [InlineData("anthropic", "claude-sonnet-5")]
    [InlineData("anthropic", "claude-sonnet-4-5")]
    [InlineData("anthropic", "claude-haiku-4-5")]
    [InlineData("google", "gemini-3.8-flash")]
    [InlineData("google", "gemini-3.1-pro-preview")]
    [InlineData("google", "gemini-2.5-pro")]
    [InlineData("mistral", "mistral-large-2512")]
    [InlineData("mistral", "mistral-medium-latest")]
    [InlineData("mistral", "codestral-2508")]
    [InlineData("aws", "amazon.nova-pro-v1:0")]
    [InlineData("aws", "amazon.nova-premier-v1:0")]
    [InlineData("aws", "us.amazon.nova-2-lite-v1:0")]
    [InlineData("aws", "meta.llama4-maverick-17b-instruct-v1:0")]
    [InlineData("meta", "Llama-4-Maverick-17B-128E-Instruct-FP8")]
    [InlineData("meta", "Llama-3.3-70B-Instruct")]
    [InlineData(null, "meta-llama/Llama-3.3-70B-Instruct")]
    [InlineData("deepseek", "deepseek-chat")]
    [InlineData("deepseek", "deepseek-v4-pro")]
    [InlineData("xai", "grok-4.6")]
    public void The_current_models_are_listed(string? provider, string model) => Assert.NotNull(Find(provider, model));

    [Theory]
    [InlineData("openai", "gpt-5.4-2026-08-01", "gpt-5.4")]
    [InlineData("openai", "GPT-5.4", "gpt-5.4")]
    [InlineData("openai", "openai/gpt-5.4", "gpt-5.4")]
    [InlineData("openai", "gpt-5.4-mini-2026-08-01", "gpt-5.4-mini")]
    [InlineData("openai", "ft:gpt-4o-mini-2024-07-18:acme::abc", "ft:gpt-4o-mini")]
    [InlineData("azure", "gpt-5.4-2026-08-01", "gpt-5.4")]
    [InlineData(null, "gpt-5.4", "gpt-5.4")]
    [InlineData("openrouter", "anthropic/claude-sonnet-4.5", "claude-sonnet-4-5")]
    [InlineData("anthropic", "claude-sonnet-4-5-20250929", "claude-sonnet-4-5")]
    [InlineData("anthropic", "claude-sonnet-4-5@20250929", "claude-sonnet-4-5")]
    [InlineData("anthropic", "claude-haiku-4-5-latest", "claude-haiku-4-5")]
    [InlineData("google", "models/gemini-2.5-pro", "gemini-2.5-pro")]
    [InlineData("google", "gemini-2.5-pro-preview-06-05", "gemini-2.5-pro")]
    [InlineData("google", "claude-sonnet-4-5@20250929", "claude-sonnet-4-5")]
    [InlineData("aws", "us.anthropic.claude-sonnet-5-20260601-v1:0", "anthropic.claude-sonnet-5-v1:0")]
    [InlineData("aws", "global.anthropic.claude-sonnet-5-20260601-v1:0", "global.anthropic.claude-sonnet-5-v1:0")]
    [InlineData("aws", "arn:aws:bedrock:us-east-1:1:inference-profile/us.amazon.nova-pro-v1:0", "amazon.nova-pro-v1:0")]
    [InlineData("groq", "meta-llama/llama-4-scout-17b-16e-instruct", "meta-llama/llama-4-scout-17b-16e-instruct")]
    public void A_name_is_found_without_its_vendor_region_and_date(string? provider, string model, string listed) =>
        Assert.Equal(listed, Find(provider, model)?.Model);

    [Theory]
    [InlineData("openai", "gpt-5.4-ultra")]
    [InlineData("openai", "gpt-5.44")]
    [InlineData("anthropic", "claude-sonnet-6")]
    [InlineData("anthropic", "claude-sonnet-5-9")]
    [InlineData("mistral", "mistral-large-2701")]
    [InlineData("acme", "acme-1")]
    [InlineData("openai", "")]
    [InlineData(null, null)]
    public void A_model_that_only_looks_alike_has_no_price(string? provider, string? model) =>
        Assert.Null(Find(provider, model));

    [Fact]
    public void A_model_is_not_taken_for_its_successors() => Assert.Equal("gpt-5", Find("openai", "gpt-5")?.Model);

    [Fact]
    public void A_model_on_ones_own_machine_has_no_price() => Assert.Null(Find("ollama", "mistral-7b"));

    [Fact]
    public void The_model_that_answered_is_priced_before_the_one_that_was_asked_for()
    {
        Assert.Equal("gpt-5.4-mini", Find("openai", "gpt-5.4-mini", "gpt-5.4")?.Model);
        Assert.Equal("gpt-5.4", Find("openai", "resp-internal-7", "gpt-5.4")?.Model);
        Assert.Null(Find("openai", "resp-internal-7"));
    }

    [Fact]
    public void A_price_holds_from_its_day_on()
    {
        decimal? InputOn(int year, int month, int day) => PriceTable.BuiltIn
            .Find("google", "gemini-3.6-flash", null, new DateTimeOffset(year, month, day, 0, 0, 0, TimeSpan.Zero))?.Rates.Input;
        Assert.Equal(0.75m, InputOn(2026, 12, 31));
        Assert.Equal(1.5m, InputOn(2027, 1, 1));
    }

    [Fact]
    public void A_price_may_hold_for_hours_of_the_day()
    {
        decimal? InputAt(int month, int hour) => PriceTable.BuiltIn
            .Find("deepseek", "deepseek-v4-pro", null, new DateTimeOffset(2026, month, 23, hour, 0, 0, TimeSpan.Zero))?.Rates.Input;
        Assert.Equal(0.435m, InputAt(7, 2));
        Assert.Equal(1.32m, InputAt(11, 2));
        Assert.Equal(0.66m, InputAt(11, 5));
        Assert.Equal(1.32m, InputAt(11, 6));
        Assert.Equal(0.66m, InputAt(11, 10));
    }

    [Theory]
    [InlineData("""{"source":"s","date":"2026-01-01","providers":[{"id":"p","models":[{"id":"m","prices":[{"output":1}]}]}]}""")]
    [InlineData("""{"source":"s","date":"2026-01-01","providers":[{"id":"p","models":[{"id":"m","prices":[{"input":-1}]}]}]}""")]
    [InlineData("""{"source":"s","date":"2026-01-01","providers":[{"id":"p","models":[]},{"id":"p","models":[]}]}""")]
    [InlineData("""{"source":"s","date":"soon","providers":[]}""")]
    [InlineData("""{"source":"s"}""")]
    [InlineData("[]")]
    [InlineData("{")]
    public void What_is_no_price_table_is_refused(string json) =>
        Assert.Throws<FormatException>(() => PriceTable.Parse(Encoding.UTF8.GetBytes(json)));

    [Fact]
    public void A_short_name_that_two_models_share_stands_for_neither()
    {
        PriceTable table = PriceTable.Parse(Encoding.UTF8.GetBytes(
            """
            {"source":"s","date":"2026-01-01","providers":[{"id":"p","models":[
              {"id":"m-2026-01-01","prices":[{"input":1}]},{"id":"m-2026-06-01","prices":[{"input":2}]},{"id":"n-2026-01-01","prices":[{"input":3}]}]}]}
            """));
        Assert.Null(table.Find("p", "m", null, Now));
        Assert.Equal(2m, table.Find("p", "m-2026-06-01", null, Now)?.Rates.Input);
        Assert.Equal(3m, table.Find("p", "n", null, Now)?.Rates.Input);
    }
}

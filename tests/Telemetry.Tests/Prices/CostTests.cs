using CsCheck;
using Handrail.Telemetry;

namespace Handrail.Prices;

/// <summary>What a call costs, exactly; what is not known is never zero.</summary>
public sealed class CostTests
{
    private static readonly PriceRates Rates = new(3m, 0.3m, 3.75m, 15m, null);

    private static Step Call(string provider, string model, TokenUsage usage, decimal? reported = null) => new()
    {
        TraceId = new string('1', 32), SpanId = new string('2', 16), Name = "call", Provider = provider, ResponseModel = model, Usage = usage,
        ReportedCostUsd = reported, StartedAt = new DateTimeOffset(2026, 11, 23, 12, 0, 0, TimeSpan.Zero),
    };

    [Fact]
    public void Cached_and_reasoning_tokens_have_their_own_rates()
    {
        Assert.Equal(
            ((5622 - 3072 - 1216) * 3m + 3072 * 0.3m + 1216 * 3.75m + 226 * 15m) / 1_000_000m,
            Rates.CostOf(new TokenUsage(5622, 226, 3072, 1216, null)));
        Assert.Equal(0.0128736m, Rates.CostOf(new TokenUsage(5622, 226, 3072, 1216, null)));
        Assert.Equal(
            (60 * 15m + 40 * 20m) / 1_000_000m,
            (Rates with { Reasoning = 20m }).CostOf(new TokenUsage(0, 100, null, null, 40)));
    }

    [Fact]
    public void A_missing_cache_rate_is_the_input_rate() =>
        Assert.Equal(
            (1000 * 2.5m + 10 * 15m) / 1_000_000m,
            new PriceRates(2.5m, null, null, 15m, null).CostOf(new TokenUsage(1000, 10, 200, 300, null)));

    [Fact]
    public void Unknown_tokens_make_an_unknown_cost()
    {
        Assert.Null(Rates.CostOf(default));
        Assert.Null(Rates.CostOf(new TokenUsage(null, 10, null, null, null)));
        Assert.Null(Rates.CostOf(new TokenUsage(10, null, null, null, null)));
        Assert.Equal(0.00001m, new PriceRates(1m, null, null, null, null).CostOf(new TokenUsage(10, null, null, null, null)));
        Assert.Equal(0m, Rates.CostOf(new TokenUsage(0, 0, null, null, null)));
    }

    [Theory]
    [InlineData("anthropic", "claude-sonnet-4-5", 200_000, 3, 15)]
    [InlineData("anthropic", "claude-sonnet-4-5", 200_001, 6, 22.5)]
    [InlineData("openai", "gpt-5.4", 271_999, 2.5, 15)]
    [InlineData("openai", "gpt-5.4", 272_000, 5, 22.5)]
    [InlineData("google", "gemini-2.5-pro", 200_001, 2.5, 15)]
    public void A_long_context_reprices_the_whole_call(string provider, string model, long input, double inputRate, double outputRate) =>
        Assert.Equal(
            (input * (decimal)inputRate + 1000 * (decimal)outputRate) / 1_000_000m,
            PriceTable.BuiltIn.CostOf(Call(provider, model, new TokenUsage(input, 1000, null, null, null))).Usd);

    [Fact]
    public void The_senders_cost_wins_and_both_are_kept()
    {
        StepCost cost = PriceTable.BuiltIn.CostOf(Call("openai", "gpt-5.4", new TokenUsage(1000, 0, null, null, null), 0.5m));
        Assert.Equal((0.5m, 0.0025m, 0.5m), (cost.Reported, cost.Computed, cost.Usd));
    }

    [Fact]
    public void The_senders_zero_is_believed_only_where_we_know_no_price()
    {
        var usage = new TokenUsage(1000, 0, null, null, null);
        Assert.Equal(0.0025m, PriceTable.BuiltIn.CostOf(Call("openai", "gpt-5.4", usage, 0m)).Usd);
        Assert.Equal(0m, PriceTable.BuiltIn.CostOf(Call("ollama", "llama3", usage, 0m)).Usd);
        Assert.Null(PriceTable.BuiltIn.CostOf(Call("ollama", "llama3", usage)).Usd);
    }

    [Fact]
    public void More_tokens_never_cost_less_and_a_part_never_costs_more_than_the_whole() =>
        Gen.Select(Gen.Long[0, 1_000_000], Gen.Long[0, 1_000_000], Gen.Long[0, 2_000_000], Gen.Long[0, 2_000_000], Gen.Long[0, 2_000_000])
            .Sample((input, output, read, written, reasoning) =>
            {
                decimal cost = Rates.CostOf(new TokenUsage(input, output, read, written, reasoning))!.Value;
                Assert.InRange(cost, 0m, (input * 3.75m + output * 15m) / 1_000_000m);
                Assert.True(Rates.CostOf(new TokenUsage(input + 1, output, read, written, reasoning)) >= cost);
                Assert.True(Rates.CostOf(new TokenUsage(input, output + 1, read, written, reasoning)) >= cost);
            });

    [Theory]
    [InlineData("0.0000000005", 0)]
    [InlineData("0.0000000015", 2)]
    [InlineData("0.0000000025", 2)]
    [InlineData("0.00000000051", 1)]
    [InlineData("-0.0000000015", -2)]
    [InlineData("0.0128736", 12_873_600)]
    public void Money_is_stored_in_billionths_rounded_to_even(string usd, long nanos) =>
        Assert.Equal(nanos, UsdNanos.From(decimal.Parse(usd, System.Globalization.CultureInfo.InvariantCulture)));

    [Fact]
    public void Unknown_money_stays_unknown()
    {
        Assert.Null(UsdNanos.From(null));
        Assert.Null(UsdNanos.ToUsd(null));
        Assert.Equal(0.0128736m, UsdNanos.ToUsd(12_873_600));
    }
}

using System.Text.Json;
using Handrail.Policy;

namespace Handrail;

/// <summary>The sixty cases that the design hands out with the verdict of each.</summary>
public sealed class FixtureTests
{
    private static readonly JsonElement[] Cases = Read();

    public static TheoryData<int> Numbers => [.. Enumerable.Range(0, Cases.Length)];

    [Theory]
    [MemberData(nameof(Numbers))]
    public void Decide_CaseOfTheDesign_GivesItsVerdict(int number)
    {
        var json = Cases[number];
        var layers = Policies.Layers([.. json.GetProperty("layers").EnumerateArray().Select(layer => Policies.Document(layer.GetRawText()))]);

        var decision = Gate.Decide(layers, Policies.Action(json.GetProperty("action")), Policies.Fresh, Policies.Noonish);

        Assert.Equal(json.GetProperty("verdict").GetString(), decision.Verdict.Word());
        Assert.Equal(json.GetProperty("would_be").GetString(), decision.WouldBe.Word());
        Assert.Equal(decision.Verdict, decision.Reasons[0].Verdict);
    }

    [Fact]
    public void Cases_AreAllThere() => Assert.Equal(60, Cases.Length);

    private static JsonElement[] Read()
    {
        using var json = JsonDocument.Parse(File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "Fixtures", "policy-cases.json")));
        return [.. json.RootElement.Clone().EnumerateArray()];
    }
}

using System.Globalization;
using System.Text.Json;
using CsCheck;
using Handrail.Policy;

namespace Handrail;

public sealed class CanonicalJsonTests
{
    /// <summary>The samples of RFC 8785, appendix B.</summary>
    [Theory]
    [InlineData("0000000000000000", "0")]
    [InlineData("8000000000000000", "0")]
    [InlineData("0000000000000001", "5e-324")]
    [InlineData("8000000000000001", "-5e-324")]
    [InlineData("7fefffffffffffff", "1.7976931348623157e+308")]
    [InlineData("ffefffffffffffff", "-1.7976931348623157e+308")]
    [InlineData("4340000000000000", "9007199254740992")]
    [InlineData("c340000000000000", "-9007199254740992")]
    [InlineData("4430000000000000", "295147905179352830000")]
    [InlineData("44b52d02c7e14af5", "9.999999999999997e+22")]
    [InlineData("44b52d02c7e14af6", "1e+23")]
    [InlineData("44b52d02c7e14af7", "1.0000000000000001e+23")]
    [InlineData("444b1ae4d6e2ef4e", "999999999999999700000")]
    [InlineData("444b1ae4d6e2ef4f", "999999999999999900000")]
    [InlineData("444b1ae4d6e2ef50", "1e+21")]
    [InlineData("3eb0c6f7a0b5ed8c", "9.999999999999997e-7")]
    [InlineData("3eb0c6f7a0b5ed8d", "0.000001")]
    [InlineData("41b3de4355555553", "333333333.3333332")]
    [InlineData("41b3de4355555554", "333333333.33333325")]
    [InlineData("41b3de4355555555", "333333333.3333333")]
    [InlineData("41b3de4355555556", "333333333.3333334")]
    [InlineData("41b3de4355555557", "333333333.33333343")]
    [InlineData("becbf647612f3696", "-0.0000033333333333333333")]
    [InlineData("43143ff3c1cb0959", "1424953923781206.2")]
    public void Serialize_ADouble_IsSpeltAsTheStandardSpellsIt(string bits, string spelling)
    {
        var number = BitConverter.UInt64BitsToDouble(ulong.Parse(bits, NumberStyles.HexNumber, CultureInfo.InvariantCulture));
        Assert.Equal(spelling, Serialize(number.ToString("E17", CultureInfo.InvariantCulture)));
    }

    [Theory]
    [InlineData("48.20", "48.2")]
    [InlineData("1E3", "1000")]
    [InlineData("-0.0", "0")]
    [InlineData("10", "10")]
    [InlineData("0.1", "0.1")]
    [InlineData("123456789012345678901", "123456789012345680000")]
    public void Serialize_EqualNumbers_AreSpeltAlike(string number, string spelling) => Assert.Equal(spelling, Serialize(number));

    [Fact]
    public void Serialize_AnyFiniteDouble_ReadsBackTheSame() =>
        Gen.Double.Where(double.IsFinite).Sample(
            number => double.Parse(Serialize(number.ToString("R", CultureInfo.InvariantCulture)), CultureInfo.InvariantCulture) == number, iter: 20_000);

    /// <summary>The sample object of RFC 8785, section 3.2.2.</summary>
    [Fact]
    public void Serialize_TheStandardsSample_GivesItsForm() =>
        Assert.Equal(
            """{"literals":[null,true,false],"numbers":[333333333.3333333,1e+30,4.5,0.002,1e-27],"string":"€$\u000f\nA'B\"\\\\\"/"}""",
            Serialize("""
                {"numbers":[333333333.33333329,1E30,4.50,2e-3,0.000000000000000000000000001],
                 "string":"\u20ac$\u000F\u000aA'\u0042\u0022\u005c\\\"\/","literals":[null,true,false]}
                """));

    /// <summary>The sorting sample of RFC 8785, section 3.2.3: by UTF-16 code units, not by code points.</summary>
    [Fact]
    public void Serialize_Members_AreSortedByTheirCodeUnits() =>
        Assert.Equal(
            "{\"\\r\":1,\"1\":2,\"\u0080\":3,\"\u00f6\":4,\"\u20ac\":5,\"\ud83d\ude00\":6,\"\ufb33\":7}",
            Serialize("""{"\u20ac":5,"\r":1,"\ufb33":7,"1":2,"\ud83d\ude00":6,"\u0080":3,"\u00f6":4}"""));

    [Theory]
    [InlineData("""{"a":1,"a":2}""")]
    [InlineData("""[{"a":1,"\u0061":2}]""")]
    [InlineData("1e400")]
    [InlineData("\"\\ud800\"")]
    [InlineData("{\"\\udc00\":1}")]
    public void Serialize_WhatHasNoCanonicalForm_IsRefused(string json)
    {
        Assert.Throws<FormatException>(() => Serialize(json));
        Assert.False(CanonicalJson.TrySerialize(JsonElement.Parse(json), out _));
    }

    [Fact]
    public void Serialize_Nothing_IsRefused() => Assert.Throws<FormatException>(() => CanonicalJson.Serialize(default));

    [Fact]
    public void Sha256_OfEqualArguments_IsEqual()
    {
        Assert.Equal(Hash("""{"b":1.0,"a":"x"}"""), Hash("""{ "a" : "x", "b" : 1 }"""));
        Assert.NotEqual(Hash("""{"a":1}"""), Hash("""{"a":"1"}"""));
        Assert.Equal("44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a", Hash("{}"));
    }

    private static string Hash(string json) => CanonicalJson.Sha256(JsonElement.Parse(json));

    private static string Serialize(string json) => CanonicalJson.Serialize(JsonElement.Parse(json));
}

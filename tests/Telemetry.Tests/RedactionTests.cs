using System.Buffers;
using System.Text;
using System.Text.Json;
using CsCheck;

namespace Handrail.Telemetry;

/// <summary>What the rules name is taken out, what only looks like it stays, and JSON stays JSON.</summary>
public sealed class RedactionTests
{
    private static readonly Redaction All = new(new RedactionRules(Cards: true, Emails: true, Keys: true, ["ACME-*", "kunde ????", "Größe"]));

    [Theory]
    [InlineData("pay 4111111111111111 now", "pay [card number removed] now")]
    [InlineData("pay 4111 1111 1111 1111 12/27", "pay [card number removed] 12/27")]
    [InlineData("3782-822463-10005", "[card number removed]")]
    [InlineData("30569309025904.", "[card number removed].")]
    [InlineData("{\"a\":\"\\n5555555555554444\"}", "{\"a\":\"\\n[card number removed]\"}")]
    [InlineData("write to ann.lee+x@mail.example.com.", "write to [e-mail address removed].")]
    [InlineData("\\nann@example.com", "\\n[e-mail address removed]")]
    [InlineData("\\\\nann@example.com", "\\\\n[e-mail address removed]")]
    [InlineData("\\u000aann@example.com", "\\u000a[e-mail address removed]")]
    [InlineData("sk-ant-api03-abcdefghijklmnopqrst", "[key removed]")]
    [InlineData("AKIAIOSFODNN7EXAMPLE", "[key removed]")]
    [InlineData("Authorization: Bearer abcdefghijklmnopqrstuvwxyz", "Authorization: [key removed]")]
    [InlineData("hra_0123456789abcdefghijklmn", "[key removed]")]
    [InlineData("a -----BEGIN RSA PRIVATE KEY-----\\nMIIE\\n-----END RSA PRIVATE KEY----- b", "a [key removed] b")]
    [InlineData("{\"k\":\"-----BEGIN PRIVATE KEY-----\\nMIIE\"}", "{\"k\":\"[key removed]\"}")]
    [InlineData("{\"k\":\"-----BEGIN PRIVATE KEY-----\\nMIIE\",\"l\":\"-----END PRIVATE KEY-----\"}", "{\"k\":\"[key removed]\",\"l\":\"-----END PRIVATE KEY-----\"}")]
    [InlineData("project acme-42/b, next", "project [removed], next")]
    [InlineData("Kunde 1234 kunde 12", "[removed] kunde 12")]
    [InlineData("die Größe zählt", "die [removed] zählt")]
    [InlineData("a@b.co 4111111111111111 c@d.eu", "[e-mail address removed] [card number removed] [e-mail address removed]")]
    [InlineData("""{\u0022key\u0022:\u0022sk-abcdefghijklmnopqrstuvwxyz\u0022}""", """{\u0022key\u0022:\u0022[key removed]\u0022}""")]
    [InlineData("""{\u0022card\u0022:\u00224111111111111111\u0022}""", """{\u0022card\u0022:\u0022[card number removed]\u0022}""")]
    [InlineData("""\u0022ann@example.com\u0022""", """\u0022[e-mail address removed]\u0022""")]
    [InlineData("""\u0022a23456789b123456789c123456789d123456789e123456789f12345678@example.com""", """\u0022[e-mail address removed]""")]
    [InlineData("""\u0022a23456789b123456789c123456789d123456789e123456789f12345678901@example.com""", """\u0022[e-mail address removed]""")]
    [InlineData("""\\u0022acme-7\\u0022""", """\\u0022[removed]\\u0022""")]
    public void What_the_rules_name_is_taken_out(string text, string left) => Assert.Equal(left, All.Redact(text));

    [Theory]
    [InlineData("4111111111111112")] // its check digit is wrong
    [InlineData("1732412345678901234")] // nanoseconds
    [InlineData("x4111111111111111")]
    [InlineData("41111111111111110000000")]
    [InlineData("5cf2d8804e3f4c1a2b411111111111111")]
    [InlineData("9999999999999995")] // no issuer's
    [InlineData("@example.com")]
    [InlineData("ann@localhost")]
    [InlineData("@media (max-width: 4rem)")]
    [InlineData("a@1.2")]
    [InlineData("sk-short")]
    [InlineData("risk-aversion-is-a-word-that-is-long-enough")]
    [InlineData("eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9")] // a part of a token alone
    [InlineData("an acme product")]
    [InlineData("-----BEGIN CERTIFICATE-----")]
    public void What_only_looks_like_it_stays(string text) => Assert.Equal(text, All.Redact(text));

    [Fact]
    public void JSON_stays_JSON_whatever_is_in_it()
    {
        Gen<string> piece = Gen.OneOf(
            Gen.OneOfConst("4111 1111 1111 1111", "ann@example.com", "sk-abcdefghijklmnopqrstuvwxyz", "acme-7", "\n", "\\", "\"", "é", "@", "-----BEGIN PRIVATE KEY-----", "1"),
            Gen.String[0, 4]);
        Gen<string> text = piece.Array[0, 8].Select(string.Concat).Where(IsUnicode);
        Gen.Select(text, text).Sample((outer, inner) =>
        {
            string json = JsonSerializer.Serialize(new { outer, nested = JsonSerializer.Serialize(new { inner }) });
            string? redacted = All.Redact(json);
            using var document = JsonDocument.Parse(redacted!);
            using var nested = JsonDocument.Parse(document.RootElement.GetProperty("nested").GetString()!);
            Assert.NotNull(document.RootElement.GetProperty("outer").GetString());
            Assert.NotNull(nested.RootElement.GetProperty("inner").GetString());
        }, iter: 2_000);
    }

    [Fact]
    public void A_pattern_takes_nothing_out_of_an_escape()
    {
        var redaction = new Redaction(new RedactionRules(false, false, false, ["0022*", "022"]));

        Assert.Equal("""say \u0022[removed]\u0022""", redaction.Redact("""say \u00220022-1\u0022"""));
    }

    [Fact]
    public void Redacting_again_changes_nothing()
    {
        Gen.OneOfConst("4111 1111 1111 1111", "ann@example.com", "sk-abcdefghijklmnopqrstuvwxyz", "acme-7", "x", "4").Array[0, 10].Select(words => string.Join(", ", words)).Sample(text =>
            Assert.Equal(All.Redact(text), All.Redact(All.Redact(text))));
    }

    [Fact]
    public void Nothing_is_written_where_there_is_nothing_to_take_out()
    {
        var to = new ArrayBufferWriter<byte>();

        Assert.False(All.TryRedact(Encoding.UTF8.GetBytes("an ordinary text of 3 sentences"), to));
        Assert.Equal(0, to.WrittenCount);
    }

    [Theory]
    [InlineData("")]
    [InlineData("*")]
    [InlineData("*-secret")]
    [InlineData("?abc")]
    [InlineData("ab*")]
    [InlineData("say \"x\"")]
    [InlineData("a\\b\\c")]
    [InlineData("line\nbreak")]
    public void A_pattern_that_would_match_everything_or_nothing_is_refused(string pattern) => Assert.Throws<FormatException>(() => RedactionPattern.Parse(pattern));

    private static bool IsUnicode(string text)
    {
        for (int i = 0; i < text.Length; i++)
        {
            if (char.IsSurrogate(text[i]) && !(char.IsHighSurrogate(text[i]) && i + 1 < text.Length && char.IsLowSurrogate(text[++i])))
                return false;
        }

        return true;
    }
}

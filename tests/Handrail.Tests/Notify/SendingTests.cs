using System.Net;
using System.Text;
using CsCheck;
using Handrail.Notify.Sending;
using Xunit;

namespace Handrail.Notify;

/// <summary>What goes out: signed, and only to where it may.</summary>
public sealed class SendingTests
{
    [Fact]
    public void A_webhook_is_signed_as_Standard_Webhooks_says()
    {
        var body = Encoding.UTF8.GetBytes("{\"test\": 2432232314}");
        var secret = new ChannelSecret("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLjSw");

        // Worked out by another implementation of HMAC-SHA256 over "id.timestamp.body".
        Assert.Equal("v1,q6KMVIJHk4Gs770FfR5f591Ftx7uVJSGl5wHV1ri978=", WebhookSender.Signatures(secret, "msg_p5jXN8AQM9LWM0D4loKWxJek", "1614265330", body, Outbox.Noon));
    }

    [Fact]
    public void While_one_secret_follows_another_both_sign_and_afterwards_only_the_new_one()
    {
        var (first, second) = (ChannelSecrets.NewSigningSecret(), ChannelSecrets.NewSigningSecret());
        var secret = new ChannelSecret(second, first, Outbox.Noon.AddHours(1));
        string Sign(ChannelSecret by, DateTimeOffset now) => WebhookSender.Signatures(by, "msg_1", "1", [], now);

        Assert.Equal($"{Sign(new ChannelSecret(second), Outbox.Noon)} {Sign(new ChannelSecret(first), Outbox.Noon)}", Sign(secret, Outbox.Noon));
        Assert.Equal(Sign(new ChannelSecret(second), Outbox.Noon), Sign(secret, Outbox.Noon.AddHours(1)));
    }

    [Theory]
    [InlineData("127.0.0.1")]
    [InlineData("10.1.2.3")]
    [InlineData("172.31.255.255")]
    [InlineData("192.168.0.1")]
    [InlineData("169.254.169.254")]
    [InlineData("100.64.0.1")]
    [InlineData("0.0.0.0")]
    [InlineData("224.0.0.1")]
    [InlineData("255.255.255.255")]
    [InlineData("::1")]
    [InlineData("::")]
    [InlineData("::ffff:10.0.0.1")]
    [InlineData("::10.0.0.1")]
    [InlineData("64:ff9b::a00:1")]
    [InlineData("2002:a00:1::")]
    [InlineData("fd00:ec2::254")]
    [InlineData("fe80::1")]
    [InlineData("ff02::1")]
    public void Threat_28_No_message_goes_to_what_only_the_console_can_reach(string address) =>
        Assert.False(new Outside(new NotifySettings()).May(IPAddress.Parse(address), encrypted: true));

    [Theory]
    [InlineData("93.184.215.14")]
    [InlineData("2606:2800:21f:cb07:6820:80da:af6b:8b2c")]
    public void The_internet_is_sent_to_encrypted_alone(string address)
    {
        var outside = new Outside(new NotifySettings());

        Assert.True(outside.May(IPAddress.Parse(address), encrypted: true));
        Assert.False(outside.May(IPAddress.Parse(address), encrypted: false));
    }

    [Fact]
    public void An_address_in_another_spelling_is_the_same_address()
    {
        var outside = new Outside(NotifySettings.Of(null, ["10.0.0.0/8"]));

        Gen.Byte.Array[4].Sample(bytes =>
        {
            var address = new IPAddress(bytes);
            Assert.Equal(outside.May(address, encrypted: true), outside.May(address.MapToIPv6(), encrypted: true));
            Assert.Equal(bytes[0] == 10, outside.May(address, encrypted: false));
        });
    }

    [Fact]
    public async Task Threat_28_A_name_that_leads_to_a_private_address_is_refused_after_it_was_resolved()
    {
        var refused = await Assert.ThrowsAsync<OutsideException>(() => new Outside(new NotifySettings()).ConnectAsync("localhost", 80, encrypted: true, default));

        Assert.Contains("private network", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_setting_that_is_no_network_is_refused_by_its_name()
    {
        Assert.Contains("10.0.0.0/99", Assert.Throws<FormatException>(() => NotifySettings.Of(null, ["10.0.0.0/99"])).Message, StringComparison.Ordinal);
        Assert.Contains("PublicUrl", Assert.Throws<FormatException>(() => NotifySettings.Of("handrail", [])).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void What_an_agent_calls_itself_stays_one_line_of_what_can_be_seen()
    {
        var line = Wording.Line("desk\r\nBcc: all@example.com\u202E\u200B" + new string('x', 500));

        Assert.DoesNotContain(line, char.IsControl);
        Assert.DoesNotContain('\u202E', line);
        Assert.True(line.Length <= 125);
    }

    [Fact]
    public void Waiting_grows_from_seconds_to_hours_and_no_further()
    {
        Assert.Equal(TimeSpan.FromSeconds(5), Backoff.OfDelivery(1, 0));
        Assert.Equal(TimeSpan.FromSeconds(45), Backoff.OfDelivery(3, 0));
        Assert.Equal(TimeSpan.FromHours(4), Backoff.OfDelivery(100, 0));
        Assert.Equal(TimeSpan.FromMinutes(5), Backoff.OfChannel(100));
    }
}

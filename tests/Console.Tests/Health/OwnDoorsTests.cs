using System.Net;

namespace Handrail.Health;

/// <summary>Telemetry of the console's own never comes back to it.</summary>
public sealed class OwnDoorsTests
{
    [Theory]
    [InlineData("http://127.0.0.1:4318", "http://127.0.0.1:4318")]
    [InlineData("http://127.0.0.1:4318", "http://localhost:4318/v1/traces")]
    [InlineData("http://127.0.0.1:4318", "http://[::ffff:127.0.0.1]:4318")]
    [InlineData("http://127.0.0.1:4318", "http://0.0.0.0:4318")]
    [InlineData("http://localhost:4317", "http://127.0.0.1:4317")]
    [InlineData("http://*:4318", "http://10.1.2.3:4318")]
    [InlineData("http://+:4318", "http://handrail.internal:4318")]
    [InlineData("http://0.0.0.0:4318", "http://localhost:4318")]
    [InlineData("http://[::]:4318", "http://10.1.2.3:4318")]
    [InlineData("http://10.1.2.3:4318", "http://handrail.internal:4318")]
    [InlineData("http://any.name:4318", "http://10.1.2.3:4318")]
    public void An_address_that_leads_to_a_door_of_the_console_is_known(string bound, string address) =>
        Assert.Contains($"OtlpHttp ({bound})", Doors(bound).At(new Uri(address)), StringComparison.Ordinal);

    [Theory]
    [InlineData("http://127.0.0.1:4318", "http://127.0.0.1:5318")]
    [InlineData("http://127.0.0.1:4318", "http://10.1.2.3:4318")]
    [InlineData("http://localhost:4318", "http://10.1.2.3:4318")]
    [InlineData("http://*:4318", "http://collector.example.com:4318")]
    [InlineData("http://*:4318", "http://no-such-name.example:4318")]
    [InlineData("http://10.1.2.3:4318", "http://127.0.0.1:4318")]
    public void An_address_elsewhere_is_let_be(string bound, string address) => Assert.Null(Doors(bound).At(new Uri(address)));

    [Fact]
    public void The_address_that_people_open_is_the_consoles_too()
    {
        var doors = Doors("http://127.0.0.1:4318");

        Assert.Contains("Notify:PublicUrl", doors.At(new Uri("https://Handrail.example.com/v1/traces")), StringComparison.Ordinal);
        Assert.Null(doors.At(new Uri("https://handrail.example.com:8443/")));
    }

    private static OwnDoors Doors(string bound) => new(
        [("OtlpHttp", bound)],
        new Uri("https://handrail.example.com"),
        [IPAddress.Parse("10.1.2.3")],
        name => name switch
        {
            "localhost" => [IPAddress.IPv6Loopback, IPAddress.Loopback],
            "handrail.internal" => [IPAddress.Parse("10.1.2.3")],
            "collector.example.com" => [IPAddress.Parse("203.0.113.7")],
            _ => [],
        });
}

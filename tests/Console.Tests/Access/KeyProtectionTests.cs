using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Handrail.Host;
using Handrail.Store;
using Handrail.Testing;
using Microsoft.AspNetCore.Hosting;
using Microsoft.EntityFrameworkCore;

namespace Handrail.Access;

/// <summary>With a certificate a copy of the database opens neither sessions nor stored secrets.</summary>
public sealed class KeyProtectionTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("handrail-cert-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Theory, Databases]
    public async Task Keys_that_lay_open_are_encrypted_and_what_was_encrypted_by_them_is_still_read(DatabaseProvider provider)
    {
        await using var database = await TestDatabase.CreateAsync(provider);
        var folder = Path.Combine(_folder, "data");
        string grant;
        await using (var host = await ConsoleHost.StartAsync(database, h => h.UseSetting("Data:Directory", folder)))
        {
            await host.FleetPolicyAsync(new { autonomy = "autonomous" });
            grant = (await host.Admin.ReadAsync("/.well-known/jwks.json")).Expect(200)["keys"][0].GetProperty("kid").GetString()!;
            Assert.Contains("<value>", await KeysAsync(host), StringComparison.Ordinal);
        }

        var file = Certificate("first");
        await using (var host = await ConsoleHost.StartAsync(database, h => With(h, folder, file)))
        {
            var keys = await KeysAsync(host);
            Assert.DoesNotContain("<value>", keys, StringComparison.Ordinal);
            Assert.Contains("encryptedSecret", keys, StringComparison.Ordinal);
            await CanSignAsync(host, grant, "a-1");
            Assert.Contains("data_protection.encrypt", (await host.Admin.ReadAsync("/api/v1/audit?act=data_protection.*")).Expect(200).Body.ToString(), StringComparison.Ordinal);
        }

        // The next certificate, with the one before it beside.
        await using (var host = await ConsoleHost.StartAsync(database, h => With(h, folder, Certificate("second"), file)))
        {
            await CanSignAsync(host, grant, "a-2");
        }

        var refused = await Record.ExceptionAsync(() => ConsoleHost.StartAsync(database, h => h.UseSetting("Data:Directory", folder)));
        Assert.Contains("DataProtection:Certificate is not set", refused?.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_certificate_that_can_not_be_read_keeps_the_console_from_starting_and_is_named()
    {
        var missing = await Record.ExceptionAsync(() => ConsoleHost.StartAsync(DatabaseProvider.Sqlite, h => h.UseSetting("DataProtection:Certificate", Path.Combine(_folder, "none.pfx"))));
        Assert.Contains("DataProtection:Certificate", missing?.ToString(), StringComparison.Ordinal);
        var wrong = await Record.ExceptionAsync(() => ConsoleHost.StartAsync(DatabaseProvider.Sqlite, h => h.UseSetting("DataProtection:Certificate", Certificate("third")).UseSetting("DataProtection:CertificatePassword", "guessed")));
        Assert.Contains("DataProtection:CertificatePassword", wrong?.ToString(), StringComparison.Ordinal);
    }

    /// <summary>The grant's key was encrypted by the keys that are looked at: whoever signs with it could decrypt it.</summary>
    private static async Task CanSignAsync(ConsoleHost host, string kid, string action)
    {
        Assert.Equal(kid, (await host.Admin.ReadAsync("/.well-known/jwks.json")).Expect(200)["keys"][0].GetProperty("kid").GetString());
        var let = (await host.Agent.PostAsync("/api/v1/sessions/s-1/actions", new { action_id = action, agent = "desk", type = "note.write" })).Expect(200);
        Assert.Equal(3, let.Text("grant").Split('.').Length);
    }

    private static Task<string> KeysAsync(ConsoleHost host) =>
        host.Services<HandrailStore>().ReadAsync(async db => string.Join('\n', await db.DataProtectionKeys.Select(k => k.Xml).ToListAsync()), default);

    private static void With(IWebHostBuilder host, string folder, string certificate, string? former = null)
    {
        host.UseSetting("Data:Directory", folder).UseSetting("DataProtection:Certificate", certificate).UseSetting("DataProtection:CertificatePassword", "open sesame");
        if (former is not null)
        {
            host.UseSetting("DataProtection:FormerCertificates:0", former);
        }
    }

    private string Certificate(string name)
    {
        using var key = RSA.Create(2048);
        var request = new CertificateRequest($"CN={name}", key, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        var now = TimeProvider.System.GetUtcNow();
        using var certificate = request.CreateSelfSigned(now.AddDays(-1), now.AddDays(30));
        var file = Path.Combine(_folder, $"{name}.pfx");
        File.WriteAllBytes(file, certificate.Export(X509ContentType.Pfx, "open sesame"));
        return file;
    }
}

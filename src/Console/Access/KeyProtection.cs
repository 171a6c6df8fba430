using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Xml.Linq;
using Handrail.Audit;
using Handrail.Store;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.AspNetCore.DataProtection.XmlEncryption;
using Microsoft.EntityFrameworkCore;

namespace Handrail.Access;

/// <summary>
/// The keys that cookies and stored secrets are encrypted by lie in the database. With a certificate they are encrypted themselves, so that a copy of the database alone
/// opens nothing.
/// </summary>
public static class KeyProtection
{
    private const string Setting = "DataProtection:Certificate";

    private static readonly XNamespace Protected = "http://schemas.asp.net/2015/03/dataProtection";

    /// <exception cref="InvalidOperationException">A certificate can't be read or has no RSA key; the message names the setting.</exception>
    public static void AddKeyProtection(this WebApplicationBuilder builder)
    {
        var keys = builder.Services.AddDataProtection().PersistKeysToDbContext<HandrailDb>().SetApplicationName("Handrail");
        var former = builder.Configuration.GetSection("DataProtection:FormerCertificates").GetChildren().Select(s => Read(s.Value!, s.Path, builder.Configuration)).ToArray();
        if (Certificate(builder.Configuration) is { } certificate)
        {
            keys.ProtectKeysWithCertificate(certificate).UnprotectKeysWithAnyCertificate([certificate, .. former]);
        }
        else if (former.Length > 0)
        {
            keys.UnprotectKeysWithAnyCertificate(former);
        }
    }

    /// <summary>Encrypts keys that were made before there was a certificate.</summary>
    /// <exception cref="InvalidOperationException">Keys are encrypted, and no certificate is set.</exception>
    public static Task EncryptStoredKeysAsync(this WebApplication app) => app.Services.GetRequiredService<HandrailStore>().WriteAsync(
        async unit =>
        {
            var cancel = app.Lifetime.ApplicationStopping;
            var stored = await unit.Db.DataProtectionKeys.OrderBy(k => k.Id).ToListAsync(cancel);
            if (Certificate(app.Configuration) is not { } certificate)
            {
                if (stored.Exists(k => k.Xml?.Contains("encryptedSecret", StringComparison.Ordinal) == true) && !app.Configuration.GetSection("DataProtection:FormerCertificates").Exists())
                {
                    throw new InvalidOperationException($"The keys in the database are encrypted with a certificate, and {Setting} is not set: what is stored encrypted could not be read, and nobody could stay signed in.");
                }

                return;
            }

            var encryptor = new CertificateXmlEncryptor(certificate, app.Services.GetRequiredService<ILoggerFactory>());
            var encrypted = stored.Count(key =>
            {
                var xml = XElement.Parse(key.Xml!);
                if (!Encrypt(xml, encryptor))
                {
                    return false;
                }

                key.Xml = xml.ToString(SaveOptions.DisableFormatting);
                return true;
            });
            if (encrypted > 0)
            {
                await unit.Db.SaveChangesAsync(cancel);
                unit.Record(new AuditEntry(Caller.System, "data_protection.encrypt", "data_protection") { Tightens = true, After = new { keys = encrypted, certificate.Thumbprint } });
            }
        },
        app.Lifetime.ApplicationStopping);

    /// <summary>As the framework does it to a key that it makes: what says of itself that it requires encryption is replaced by its ciphertext.</summary>
    private static bool Encrypt(XElement key, CertificateXmlEncryptor encryptor)
    {
        var plain = key.Descendants().Where(e => (bool?)e.Attribute(Protected + "requiresEncryption") == true).ToList();
        foreach (var secret in plain)
        {
            var cipher = encryptor.Encrypt(new XElement(secret));
            secret.ReplaceWith(new XElement(Protected + "encryptedSecret", new XAttribute("decryptorType", cipher.DecryptorType.AssemblyQualifiedName!), cipher.EncryptedElement));
        }

        return plain.Count > 0;
    }

    private static X509Certificate2? Certificate(IConfiguration configuration) => configuration[Setting] is { Length: > 0 } file ? Read(file, Setting, configuration) : null;

    private static X509Certificate2 Read(string file, string setting, IConfiguration configuration)
    {
        try
        {
            var certificate = X509CertificateLoader.LoadPkcs12FromFile(file, configuration["DataProtection:CertificatePassword"]);
            using var key = certificate.GetRSAPrivateKey();
            return key is not null ? certificate : throw new InvalidOperationException($"{setting}: {file} has no private key of RSA, which this takes.");
        }
        catch (Exception e) when (e is CryptographicException or IOException or UnauthorizedAccessException)
        {
            throw new InvalidOperationException($"{setting}: {file} can't be read as PKCS#12 with DataProtection:CertificatePassword: {e.Message}", e);
        }
    }
}

using System.Buffers.Text;
using System.Security.Cryptography;
using Microsoft.AspNetCore.DataProtection;

namespace Handrail.Store;

/// <summary>A key pair on P-256 as a table holds it: the point of its public half, and the private half encrypted by data protection.</summary>
internal sealed record ProtectedKey(string Id, string X, string Y, string PrivateProtected)
{
    /// <summary>A new one. Outside any transaction: data protection may have to write a key of its own into the same database.</summary>
    public static ProtectedKey Make(IDataProtector protector)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var point = key.ExportParameters(includePrivateParameters: false).Q;
        var secret = key.ExportPkcs8PrivateKey();
        try
        {
            return new ProtectedKey(
                $"{Guid.CreateVersion7():n}", Base64Url.EncodeToString(point.X), Base64Url.EncodeToString(point.Y), Convert.ToBase64String(protector.Protect(secret)));
        }
        finally
        {
            CryptographicOperations.ZeroMemory(secret);
        }
    }

    /// <summary>
    /// The pair made ready; whoever asks disposes of it. Null when it can't be opened, or its public half is another's: the data-protection key that it was encrypted with is
    /// lost, or somebody else wrote it into the table, and nothing that such a key has signed may be believed.
    /// </summary>
    public static ECDsa? Open(IDataProtector protector, string x, string y, string privateProtected)
    {
        var key = ECDsa.Create();
        try
        {
            var secret = protector.Unprotect(Convert.FromBase64String(privateProtected));
            key.ImportPkcs8PrivateKey(secret, out _);
            CryptographicOperations.ZeroMemory(secret);
            var point = key.ExportParameters(includePrivateParameters: false).Q;
            if (Base64Url.EncodeToString(point.X) == x && Base64Url.EncodeToString(point.Y) == y)
            {
                return key;
            }
        }
        catch (Exception e) when (e is CryptographicException or FormatException)
        {
            // Said by what is signed with it, which nobody takes then.
        }

        key.Dispose();
        return null;
    }
}

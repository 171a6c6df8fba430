using System.Security.Cryptography;
using System.Text;
using Handrail.Audit;
using Handrail.Store;
using Microsoft.EntityFrameworkCore;

namespace Handrail.Access;

/// <summary>What a demo's fleet calls with, and the path of the link that signs a newcomer in.</summary>
public sealed record DemoSecrets(string AgentKey, string AdminToken, string SignInPath);

/// <summary>With <c>--demo</c> only: secrets that live as long as the process, and a link that signs in once.</summary>
public sealed class DemoSignIn(HandrailStore store, TimeProvider time)
{
    private static readonly TimeSpan Life = TimeSpan.FromHours(12);

    private byte[]? _hash;
    private DateTimeOffset _until;

    /// <summary>Makes a key and a token for the demo's fleet, and the link. The secret of the link stands behind <c>#</c>: no server, log or referrer sees it.</summary>
    public async Task<DemoSecrets> IssueAsync(CancellationToken cancel)
    {
        var (link, key, token) = (Secrets.New(""), Secrets.New(Secrets.AgentPrefix), Secrets.New(Secrets.PersonPrefix));
        await store.WriteAsync(
            async unit =>
            {
                var admin = await unit.Db.Users.SingleAsync(p => p.Email == Bootstrap.AdminEmail, cancel);
                var expires = unit.Now + Life;

                // A newcomer who follows the link never saw the password that the console made up.
                admin.MustChangePassword = false;
                Keys.Add(unit.Db, "demo", null, null, key, "demo", expires, unit.Now);
                People.AddToken(unit.Db, admin, "demo", token, expires, unit.Now);
                unit.Record(new AuditEntry(Caller.System, "console.demo", $"person:{admin.Email}"));
            },
            cancel);
        (_hash, _until) = (SHA256.HashData(Encoding.UTF8.GetBytes(link)), time.GetUtcNow() + Life);
        return new DemoSecrets(key, token, $"/sign-in#demo={link}");
    }

    /// <summary>The administrator's id when the secret is the link's and was not used before.</summary>
    /// <param name="address">The network address it came from.</param>
    public async Task<string?> UseAsync(string? secret, string? address, string? correlationId, CancellationToken cancel)
    {
        if (secret is null || Interlocked.Exchange(ref _hash, null) is not { } hash)
        {
            return null;
        }

        if (time.GetUtcNow() > _until || !CryptographicOperations.FixedTimeEquals(hash, SHA256.HashData(Encoding.UTF8.GetBytes(secret))))
        {
            // A wrong guess must not use the link up.
            Interlocked.CompareExchange(ref _hash, hash, null);
            return null;
        }

        return await store.WriteAsync(
            async unit =>
            {
                var id = await unit.Db.Users.Where(p => p.Email == Bootstrap.AdminEmail).Select(p => p.Id).SingleOrDefaultAsync(cancel);
                if (id is not null)
                {
                    var who = new Caller { Kind = CallerKind.Person, Id = id, Name = Bootstrap.AdminEmail, Address = address, CorrelationId = correlationId };
                    unit.Record(new AuditEntry(who, "person.sign_in", $"person:{Bootstrap.AdminEmail}") { After = new { by = "demo link" } });
                }

                return id;
            },
            cancel);
    }
}

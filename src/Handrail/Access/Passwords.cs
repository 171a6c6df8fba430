using Microsoft.AspNetCore.Identity;

namespace Handrail.Access;

/// <summary>Checks passwords, in the same time whether there is one or not.</summary>
public sealed class Passwords(IPasswordHasher<Person> hasher)
{
    /// <summary>A hash to check against where there is no person, so that the time is the same.</summary>
    private readonly Lazy<string> _nobody = new(() => hasher.HashPassword(new Person(), Secrets.New("")));

    /// <summary>To be asked outside of any transaction: it takes long on purpose, and on SQLite would keep every other writer out for as long.</summary>
    /// <param name="hash">What is stored; null where nothing is.</param>
    public bool IsRight(string? hash, string password) =>
        hasher.VerifyHashedPassword(new Person(), hash ?? _nobody.Value, password) != PasswordVerificationResult.Failed && hash is not null;

    public string Hash(Person person, string password) => hasher.HashPassword(person, password);
}

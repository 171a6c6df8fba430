using Handrail.Audit;
using Handrail.Store;

namespace Handrail.Access;

/// <summary>Wrong passwords and wrong codes in a row: they are recorded, and five of them lock an account's sign-in for a while.</summary>
internal static class FailedTries
{
    public static bool IsLocked(Person person, DateTimeOffset now) => person.LockoutEnd > now;

    /// <param name="person">Null where nobody has the address.</param>
    /// <param name="act">What was tried: <c>person.sign_in_failed</c>.</param>
    public static void Count(UnitOfWork unit, Caller who, Person? person, string act)
    {
        if (person is null)
        {
            unit.Record(new AuditEntry(who, act, "person:unknown") { Tightens = true });
            return;
        }

        if (!IsLocked(person, unit.Now))
        {
            person.AccessFailedCount++;
        }

        unit.Record(new AuditEntry(who, act, $"person:{person.Email}") { Tightens = true });
        if (person.AccessFailedCount >= SignIn.MostFailures)
        {
            person.AccessFailedCount = 0;
            person.LockoutEnd = unit.Now + SignIn.LockedFor;
            unit.Record(new AuditEntry(who, "person.locked_out", $"person:{person.Email}") { Tightens = true, After = new { until = person.LockoutEnd } });
        }
    }
}

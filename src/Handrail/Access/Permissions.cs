using System.Collections.Frozen;

namespace Handrail.Access;

public enum Permission
{
    /// <summary>See sessions, handoffs, policies, agents.</summary>
    View,

    /// <summary>Read what agents, models and tools said: messages, arguments, results.</summary>
    ViewContent,

    /// <summary>Claim, approve, reject, answer.</summary>
    Decide,

    /// <summary>Pause, resume and stop sessions, agents, the fleet.</summary>
    Control,

    /// <summary>Publish and roll back policies.</summary>
    EditPolicy,

    /// <summary>Read, export and verify the audit trail.</summary>
    ReadAudit,

    /// <summary>See how the console itself does.</summary>
    SeeHealth,

    /// <summary>People, keys, the registry.</summary>
    Administer,

    /// <summary>What an agent key does: telemetry, the gate, reading back.</summary>
    ActAsAgent,
}

/// <summary>The roles and what each may do.</summary>
public static class Permissions
{
    public const string Administrator = "Administrator";
    public const string Owner = "Owner";
    public const string Reviewer = "Reviewer";
    public const string OnCall = "OnCall";
    public const string Viewer = "Viewer";

    /// <summary>Sees the pages and the audit trail, without what agents said, and changes nothing.</summary>
    public const string Auditor = "Auditor";

    private static readonly FrozenDictionary<string, Permission[]> ByRole = new Dictionary<string, Permission[]>
    {
        [Administrator] = [Permission.View, Permission.ViewContent, Permission.Decide, Permission.Control, Permission.EditPolicy, Permission.ReadAudit, Permission.SeeHealth, Permission.Administer],
        [Owner] = [Permission.View, Permission.ViewContent, Permission.Decide, Permission.Control, Permission.EditPolicy],
        [Reviewer] = [Permission.View, Permission.ViewContent, Permission.Decide],
        [OnCall] = [Permission.View, Permission.ViewContent, Permission.Control, Permission.SeeHealth],
        [Viewer] = [Permission.View],
        [Auditor] = [Permission.View, Permission.ReadAudit],
    }.ToFrozenDictionary(StringComparer.Ordinal);

    public static IReadOnlyList<string> Roles { get; } = [Administrator, Owner, Reviewer, OnCall, Viewer, Auditor];

    /// <summary>Roles that can be limited to a team or to agents. The others are over what is no agent's: people and keys, the record of all.</summary>
    public static IReadOnlyList<string> Limitable { get; } = [Owner, Reviewer, OnCall, Viewer];

    public static bool Has(string role, Permission permission) => ByRole.TryGetValue(role, out var permissions) && permissions.Contains(permission);

    public static IReadOnlySet<Permission> Of(IEnumerable<string> roles)
    {
        var all = new HashSet<Permission>();
        foreach (var role in roles)
        {
            if (ByRole.TryGetValue(role, out var permissions))
            {
                all.UnionWith(permissions);
            }
        }

        return all;
    }
}

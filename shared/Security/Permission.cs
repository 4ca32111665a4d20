using System.Collections.Frozen;

namespace AiOs.Security;

/// <summary>What a function asks of its caller; each HTTP function declares exactly one, or that it serves anonymous callers.</summary>
public enum Permission
{
    SendMessages,
    ReadRuns,
    CancelRuns,
    ReadApprovals,
    AnswerApprovals,
    SendEvents,
    ReadApps,
    DeployApps,
    ManageKeys,
    OperateSystem,
    ReadHealth,
    EnqueueJobs,
    ManageDurable,
    UseModels,
}

/// <summary>The one table of who may do what. An approval additionally needs the role that the approval names.</summary>
public static class Permissions
{
    static readonly FrozenDictionary<Role, FrozenSet<Permission>> Table = new Dictionary<Role, FrozenSet<Permission>>
    {
        [Role.Owner] = Enum.GetValues<Permission>().ToFrozenSet(),
        [Role.Operator] = new[]
        {
            Permission.SendMessages, Permission.ReadRuns, Permission.CancelRuns, Permission.ReadApprovals, Permission.AnswerApprovals, Permission.SendEvents,
            Permission.ReadApps, Permission.DeployApps, Permission.OperateSystem, Permission.ReadHealth, Permission.EnqueueJobs, Permission.UseModels,
        }.ToFrozenSet(),
        [Role.Adjuster] = new[] { Permission.ReadRuns, Permission.ReadApprovals, Permission.AnswerApprovals, Permission.ReadApps }.ToFrozenSet(),
        [Role.Client] = new[] { Permission.SendMessages, Permission.ReadRuns, Permission.SendEvents, Permission.ReadApps, Permission.EnqueueJobs, Permission.UseModels }.ToFrozenSet(),
    }.ToFrozenDictionary();

    /// <summary>What a role may do.</summary>
    public static IReadOnlySet<Permission> Of(Role role) => Table[role];

    /// <summary>Whether any of the principal's roles grants <paramref name="permission"/>.</summary>
    public static bool May(this Principal principal, Permission permission) => principal.Roles.Any(role => Table[role].Contains(permission));
}

/// <summary>The permission that a function needs.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class RequiresPermissionAttribute(Permission permission) : Attribute
{
    /// <summary>The permission.</summary>
    public Permission Permission => permission;
}

/// <summary>The function serves anybody: health, readiness.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class AllowAnonymousCallersAttribute : Attribute;

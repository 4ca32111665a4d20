using System.Collections.Frozen;

namespace AiOs.Security;

/// <summary>What a principal is to the OS. On the wire: <c>owner</c>, <c>adjuster</c>, <c>operator</c>, <c>client</c>.</summary>
public enum Role
{
    /// <summary>Whose installation it is: may do everything.</summary>
    Owner,

    /// <summary>Answers approvals of its role.</summary>
    Adjuster,

    /// <summary>Runs the house: apps, cancellation, the kill switch; sees no originals.</summary>
    Operator,

    /// <summary>A program or person that sends messages.</summary>
    Client,
}

/// <summary>The wire names of <see cref="Role"/>.</summary>
public static class Roles
{
    static readonly FrozenDictionary<string, Role> ByName = Enum.GetValues<Role>().ToFrozenDictionary(Name, StringComparer.Ordinal);

    /// <summary>The lower-case wire name.</summary>
    public static string Name(this Role role) => role switch
    {
        Role.Owner => "owner",
        Role.Adjuster => "adjuster",
        Role.Operator => "operator",
        Role.Client => "client",
        _ => throw new ArgumentOutOfRangeException(nameof(role), role, "There is no such role."),
    };

    /// <summary>The role of that wire name (exactly, lower-case), or null.</summary>
    public static Role? Find(string name) => ByName.TryGetValue(name, out var role) ? role : null;
}

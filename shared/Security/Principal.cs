using System.Collections.Frozen;

namespace AiOs.Security;

/// <summary>Who asks.</summary>
/// <param name="Id">Stable and free of personal data: <c>key:</c> and the key's short id, <c>system</c>, <c>queue</c> or <c>anonymous</c>.</param>
/// <param name="Name">For people to read.</param>
/// <param name="Roles">What it may be; empty for an anonymous caller.</param>
public sealed record Principal(string Id, string Name, IReadOnlySet<Role> Roles)
{
    /// <summary>A caller without a key.</summary>
    public static Principal Anonymous { get; } = new("anonymous", "anonymous", FrozenSet<Role>.Empty);

    /// <summary>The OS itself: schedules, sweepers.</summary>
    public static Principal System { get; } = new("system", "system", new[] { Role.Owner }.ToFrozenSet());

    /// <summary>A program that writes straight to the queue: whoever it is, no key was checked.</summary>
    public static Principal Queue { get; } = new("queue", "queue", FrozenSet<Role>.Empty);

    /// <summary>Whether it sees only what it started itself: it is a client and nothing else.</summary>
    public bool SeesOnlyItsOwn => Roles.All(role => role == Role.Client);

    /// <summary>Whether it has that role.</summary>
    public bool Is(Role role) => Roles.Contains(role);
}

using System.Text.Json;

namespace AiOs.ControlPlane.Runs;

/// <summary>Where a run is. On the wire and in tables: camelCase.</summary>
public enum RunStatus
{
    /// <summary>Admitted or under way.</summary>
    Running,

    /// <summary>Waiting for a person or an event; <see cref="WaitingFor"/> says for what.</summary>
    Waiting,

    /// <summary>It did what its plan says.</summary>
    Completed,

    /// <summary>A policy or a person said no.</summary>
    Rejected,

    /// <summary>Somebody cancelled it; what it had done was undone where it could be.</summary>
    Cancelled,

    /// <summary>A step failed for good; what had been done was undone where it could be.</summary>
    Failed,

    /// <summary>It failed or was cancelled, and an undo failed too: a person must look.</summary>
    UndoFailed,
}

/// <summary>What follows from a <see cref="RunStatus"/>.</summary>
public static class RunStatuses
{
    /// <summary>Whether a run in this status is over.</summary>
    public static bool IsTerminal(this RunStatus status) => status is not (RunStatus.Running or RunStatus.Waiting);

    /// <summary>The wire name, for example <c>undoFailed</c>.</summary>
    public static string ToWire(this RunStatus status) => JsonNamingPolicy.CamelCase.ConvertName(status.ToString());

    /// <summary>The status of that wire name (exactly), or null.</summary>
    public static RunStatus? Find(string name) => Enum.GetValues<RunStatus>().Cast<RunStatus?>().FirstOrDefault(status => status!.Value.ToWire() == name);
}

using System.Text.Json.Serialization;

namespace Microsoft.Azure.Functions.Worker;

/// <summary>The addresses that watch and steer one orchestration.</summary>
public class HttpManagementPayload
{
    /// <summary>The instance.</summary>
    [JsonPropertyName("id")]
    public string? Id { get; internal set; }

    /// <summary>Reads its status.</summary>
    [JsonPropertyName("statusQueryGetUri")]
    public string? StatusQueryGetUri { get; internal set; }

    /// <summary>Raises an event; <c>{eventName}</c> is to be replaced.</summary>
    [JsonPropertyName("sendEventPostUri")]
    public string? SendEventPostUri { get; internal set; }

    /// <summary>Ends it; <c>{text}</c> is to be replaced.</summary>
    [JsonPropertyName("terminatePostUri")]
    public string? TerminatePostUri { get; internal set; }

    /// <summary>Takes it back; not set by the worker.</summary>
    [JsonPropertyName("rewindPostUri")]
    public string? RewindPostUri { get; internal set; }

    /// <summary>Removes it.</summary>
    [JsonPropertyName("purgeHistoryDeleteUri")]
    public string? PurgeHistoryDeleteUri { get; internal set; }

    /// <summary>Runs it again; not set by the worker.</summary>
    [JsonPropertyName("restartPostUri")]
    public string? RestartPostUri { get; internal set; }

    /// <summary>Holds it; <c>{text}</c> is to be replaced.</summary>
    [JsonPropertyName("suspendPostUri")]
    public string? SuspendPostUri { get; internal set; }

    /// <summary>Lets it go on; <c>{text}</c> is to be replaced.</summary>
    [JsonPropertyName("resumePostUri")]
    public string? ResumePostUri { get; internal set; }
}

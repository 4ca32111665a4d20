namespace AiOs.Orchestrations;

/// <summary>Names of the external events that a run listens to. An event is only a wake-up: what happened stands in a row.</summary>
public static class RunEvents
{
    /// <summary>Someone asked to cancel the run; the payload is the principal's id.</summary>
    public const string Cancel = "cancel";

    /// <summary>The approval <paramref name="approvalId"/> was answered.</summary>
    public static string Answered(string approvalId) => "answered-" + approvalId;
}

using Microsoft.Extensions.Logging;

namespace AiOs.Telemetry;

/// <summary>Log messages of the functions. No message holds personal data.</summary>
public static partial class Log
{
    /// <summary>An HTTP function threw what nobody expected.</summary>
    [LoggerMessage(1001, LogLevel.Error, "The HTTP function {Function} failed.")]
    public static partial void HttpFailed(this ILogger logger, string function, Exception exception);

    /// <summary>A run is admitted but could not be scheduled; the sweeper tries again.</summary>
    [LoggerMessage(1002, LogLevel.Warning, "Run {RunId} is admitted but was not scheduled; it will be swept.")]
    public static partial void RunNotScheduled(this ILogger logger, string runId, Exception exception);

    /// <summary>An approval is answered but its run was not woken; the sweeper tries again.</summary>
    [LoggerMessage(1003, LogLevel.Warning, "Approval {ApprovalId} of run {RunId} is answered but the run was not woken; it will be swept.")]
    public static partial void ApprovalNotRaised(this ILogger logger, string runId, string approvalId, Exception exception);

    /// <summary>A job can never become a run.</summary>
    [LoggerMessage(1004, LogLevel.Warning, "A job went to the poison queue: {Reason}")]
    public static partial void JobRefused(this ILogger logger, string reason);

    /// <summary>A run that was admitted and never started is scheduled again.</summary>
    [LoggerMessage(1005, LogLevel.Warning, "Run {RunId} was admitted and not started; scheduling it again.")]
    public static partial void RunSwept(this ILogger logger, string runId);

    /// <summary>A scheduled run was refused.</summary>
    [LoggerMessage(1006, LogLevel.Warning, "The schedule of {App} could not start a run: {Reason}")]
    public static partial void ScheduleRefused(this ILogger logger, string app, string reason);

    /// <summary>A run ended otherwise than its row says, for example by the break-glass API; the row now says so too.</summary>
    [LoggerMessage(1007, LogLevel.Warning, "Run {RunId} had ended outside its plan; its row is closed as failed.")]
    public static partial void RunReconciled(this ILogger logger, string runId);

    /// <summary>One item of a sweep failed; the others went on, and the next sweep tries it again.</summary>
    [LoggerMessage(1008, LogLevel.Error, "Sweeping {Item} failed; the next sweep tries again.")]
    public static partial void SweepFailed(this ILogger logger, string item, Exception exception);
}

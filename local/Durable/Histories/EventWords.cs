using System.Globalization;

namespace AiOs.Local.Durable.Histories;

/// <summary>What happened, in words, for who has to find it in a history.</summary>
static class EventWords
{
    /// <summary>One fact in words, without payloads.</summary>
    public static string Of(HistoryEvent happened) => happened switch
    {
        ExecutionStarted => "the start",
        TimerFired fired => string.Create(CultureInfo.InvariantCulture, $"the timer of decision number {fired.TaskId} fired"),
        TaskAnswered answer => string.Create(CultureInfo.InvariantCulture, $"the answer to decision number {answer.TaskId}"),
        EventRaised raised => $"event '{raised.Name}' was raised",
        ExecutionTerminated => "the termination",
        ExecutionSuspended => "the suspension",
        ExecutionResumed => "the resumption",
        ExecutionRewound => "the rewind",
        Decision decision => decision.InWords,
        _ => "the end",
    };
}

namespace AiOs.Serving.Calls;

/// <summary>Takes what is known of ended calls, and keeps it behind the reply: metrics at once, captures a moment later.</summary>
public interface ICallLog
{
    /// <summary>Notes a call that has ended. Never throws and never waits for a disk; under pressure captures are dropped and counted.</summary>
    void Note(CallFacts call);
}

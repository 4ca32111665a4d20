namespace DurableTask.Core.History;

/// <summary>One recorded event of an orchestration's history.</summary>
public abstract class HistoryEvent
{
    /// <summary>For the kinds of event.</summary>
    protected HistoryEvent(int eventId) => EventId = eventId;

    /// <summary>Its number within the orchestration; -1 where it answers nothing.</summary>
    public int EventId { get; private set; }

    /// <summary>Whether it was replayed.</summary>
    public bool IsPlayed { get; set; }

    /// <summary>When it happened, UTC.</summary>
    public DateTime Timestamp { get; set; }
}

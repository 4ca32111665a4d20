namespace AiOs.Local.Durable.Timers;

/// <summary>Something that falls due: a timer of an orchestration, or a message for later. Both are rows; this is their shadow in memory.</summary>
/// <param name="Due">UTC ticks, whole milliseconds.</param>
/// <param name="Key">The orchestration or entity.</param>
/// <param name="Number">The timer's task, or the message's number.</param>
/// <param name="IsMessage">Which of the two.</param>
readonly record struct Alarm(long Due, long Key, long Number, bool IsMessage)
{
    public static Alarm ForTask(long due, long key, int task) => new(due, key, task, IsMessage: false);

    public static Alarm ForMessage(long due, long key, long number) => new(due, key, number, IsMessage: true);

    /// <summary>Clocks count milliseconds: an instant inside one is due with it.</summary>
    public static long Floor(long ticks) => ticks - (ticks % TimeSpan.TicksPerMillisecond);
}

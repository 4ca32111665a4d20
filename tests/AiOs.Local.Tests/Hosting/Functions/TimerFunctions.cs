using Microsoft.Azure.Functions.Worker;

namespace AiOs.Local.Tests.Hosting;

public sealed class TimerFunctions(Recorder recorder, TimeProvider time)
{
    [Function("tick")]
    public void Tick([TimerTrigger("%TICK%")] TimerInfo timer)
    {
        recorder.Note($"tick {time.GetUtcNow():HH:mm:ss} past={timer.IsPastDue} last={timer.ScheduleStatus!.Last:HH:mm} next={timer.ScheduleStatus.Next:HH:mm}");
        recorder.OnTimer("tick");
    }

    [Function("startup")]
    public void Startup([TimerTrigger("0 0 0 1 1 *", RunOnStartup = true, UseMonitor = false)] TimerInfo timer) =>
        recorder.Note($"startup {timer.ScheduleStatus is null}");

    [Function("stubborn")]
    [FixedDelayRetry(2, "00:00:10")]
    public void Stubborn([TimerTrigger("0 30 * * * *")] TimerInfo timer, FunctionContext context)
    {
        recorder.Note($"stubborn {time.GetUtcNow():HH:mm:ss} {context.RetryContext.RetryCount}/{context.RetryContext.MaxRetryCount}");
        throw new InvalidOperationException("not today");
    }
}

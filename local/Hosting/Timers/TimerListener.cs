using AiOs.Local.Hosting.Discovery;
using AiOs.Local.Hosting.Durable;
using AiOs.Local.Hosting.Invocations;
using AiOs.Local.Hosting.Queues;
using Microsoft.Azure.Functions.Worker;
using Microsoft.Extensions.Logging;

namespace AiOs.Local.Hosting.Timers;

/// <summary>Runs one function at its times, one run after the other; a run missed while the host was down is made up for once.</summary>
sealed class TimerListener(
    HostedFunction function, TimerTrigger trigger, TimerSchedule schedule, FunctionRunner runner, QueueOutputs outputs, DurableClientSource durable,
    HostStore store, TimeProvider time, ILogger log) : IListener
{
    static readonly TimeSpan longestDelay = TimeSpan.FromDays(30);

    readonly CancellationTokenSource stopping = new();
    readonly CancellationTokenSource cancelling = new();
    Task loop = Task.CompletedTask;

    public async Task StartAsync(CancellationToken cancellationToken)
    {
        var stored = trigger.UseMonitor ? await store.TimerAsync(function.Name, cancellationToken) : null;
        var started = time.GetUtcNow();   // not when a thread is free: what falls due meanwhile would be skipped
        loop = Task.Run(() => LoopAsync(stored, started), CancellationToken.None);
    }

    public async Task StopAsync(TimeSpan drain, CancellationToken cancellationToken)
    {
        await stopping.CancelAsync();
        await Task.WhenAny(loop, Task.Delay(drain, time, cancellationToken));
        await cancelling.CancelAsync();
        stopping.Dispose();
    }

    async Task LoopAsync(HostStore.TimerRow? stored, DateTimeOffset started)
    {
        try
        {
            var last = stored is null ? default(DateTimeOffset?) : Moment(stored.LastAt);
            if (stored is not null && Moment(stored.NextAt) is var missed && missed < started)
                last = await RunAsync(missed, last, isPastDue: true);
            else if (trigger.RunOnStartup)
                last = await RunAsync(started, last, isPastDue: false);
            await OccurrencesAsync(last, started);
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested)
        {
            // The host stops.
        }
        catch (Exception failure)
        {
            log.TimerFailed(failure, function.Name);
        }
    }

    async Task OccurrencesAsync(DateTimeOffset? last, DateTimeOffset started)
    {
        var after = started;
        while (schedule.Next(after) is { } due)
        {
            if (trigger.UseMonitor && last is null)
                await store.SaveTimerAsync(function.Name, default, due, stopping.Token);
            for (var left = due - time.GetUtcNow(); left > TimeSpan.Zero; left = due - time.GetUtcNow())
                await Task.Delay(left < longestDelay ? left : longestDelay, time, stopping.Token);
            last = await RunAsync(due, last, isPastDue: false);

            // What fell due while the function ran is skipped, as the Functions host does.
            var now = time.GetUtcNow();
            after = now > due ? now : due;
        }
        log.TimerEnded(function.Name);
    }

    async Task<DateTimeOffset> RunAsync(DateTimeOffset due, DateTimeOffset? last, bool isPastDue)
    {
        var now = time.GetUtcNow();
        var next = schedule.Next(now > due ? now : due) ?? DateTimeOffset.MaxValue;
        var info = new TimerInfo
        {
            IsPastDue = isPastDue,
            ScheduleStatus = trigger.UseMonitor
                ? new() { Last = last?.UtcDateTime ?? default, Next = next.UtcDateTime, LastUpdated = last?.UtcDateTime ?? default }
                : null,
        };
        await new Repetition(function.Retry, time, log).RunAsync(function.Name, ExecuteAsync, stopping.Token);
        if (trigger.UseMonitor)
            await store.SaveTimerAsync(function.Name, due, next, CancellationToken.None);
        return due;

        async Task ExecuteAsync(RetryContext? retry)
        {
            await using var invocation = runner.Prepare(function, new(info), cancelling.Token, retry);
            durable.Offer(invocation);
            await runner.RunAsync(invocation);
            await outputs.SendAsync(invocation);
        }
    }

    static DateTimeOffset Moment(long milliseconds) => DateTimeOffset.FromUnixTimeMilliseconds(milliseconds);
}

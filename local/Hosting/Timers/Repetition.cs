using System.Globalization;
using Microsoft.Azure.Functions.Worker;
using Microsoft.Extensions.Logging;

namespace AiOs.Local.Hosting.Timers;

/// <summary>Runs an execution and, when it fails, repeats it as the function's retry attribute says. A failure that is left over is logged and swallowed.</summary>
sealed class Repetition(RetryAttribute? retry, TimeProvider time, ILogger log)
{
    public async Task RunAsync(string function, Func<RetryContext?, Task> execute, CancellationToken cancellationToken)
    {
        for (var repetitions = 0; ; repetitions++)
        {
            try
            {
                await execute(retry is null ? null : new Attempt(repetitions, retry.MaxRetryCount));
                return;
            }
            catch (Exception failure) when (!cancellationToken.IsCancellationRequested)
            {
                if (retry is null || (retry.MaxRetryCount >= 0 && repetitions >= retry.MaxRetryCount))
                {
                    log.TimerFailed(failure, function);
                    return;
                }
                var wait = WaitAfter(repetitions);
                log.FunctionRepeats(failure, function, repetitions + 1, wait.TotalSeconds);
                await Task.Delay(wait, time, cancellationToken);
            }
        }
    }

    TimeSpan WaitAfter(int repetitions) => retry switch
    {
        FixedDelayRetryAttribute fixedDelay => Span(fixedDelay.DelayInterval),
        ExponentialBackoffRetryAttribute growing => Doubled(Span(growing.MinimumInterval), Span(growing.MaximumInterval), repetitions),
        _ => TimeSpan.Zero,
    };

    static TimeSpan Doubled(TimeSpan least, TimeSpan most, int times)
    {
        var wait = least * Math.Pow(2, Math.Min(times, 30));
        return wait < most ? wait : most;
    }

    static TimeSpan Span(string text) => TimeSpan.Parse(text, CultureInfo.InvariantCulture);

    sealed class Attempt(int count, int most) : RetryContext
    {
        public override int RetryCount => count;

        public override int MaxRetryCount => most;
    }
}

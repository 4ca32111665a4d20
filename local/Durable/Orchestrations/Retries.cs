using AiOs.Local.Durable.Histories;
using Microsoft.DurableTask;

namespace AiOs.Local.Durable.Orchestrations;

/// <summary>Tries a task again as its policy or handler says, with durable timers between.</summary>
sealed class Retries(OrchestrationContext context)
{
    public Task<T> RunAsync<T>(Func<Task<T>> call, TaskRetryOptions? retry) => retry switch
    {
        { Policy: { } policy } => ByPolicyAsync(call, policy),
        { Handler: { } handler } => ByHandlerAsync(call, handler),
        _ => call(),
    };

    async Task<T> ByPolicyAsync<T>(Func<Task<T>> call, RetryPolicy policy)
    {
        var first = context.CurrentUtcDateTime;
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                return await call();
            }
            catch (TaskFailedException failure) when (attempt < policy.MaxNumberOfAttempts && !Failure.IsFinal(failure)
                && Delay(policy, attempt, first, failure) is not null)
            {
            }
            await context.CreateTimer(context.CurrentUtcDateTime + Interval(policy, attempt), CancellationToken.None);
        }
    }

    TimeSpan? Delay(RetryPolicy policy, int attempt, DateTime first, TaskFailedException failure)
    {
        var late = policy.RetryTimeout != Timeout.InfiniteTimeSpan && policy.RetryTimeout != TimeSpan.MaxValue
            && context.CurrentUtcDateTime - first >= policy.RetryTimeout;
        return late || !policy.Handle(failure) ? null : Interval(policy, attempt);
    }

    static TimeSpan Interval(RetryPolicy policy, int attempt)
    {
        var most = policy.MaxRetryInterval == Timeout.InfiniteTimeSpan ? TimeSpan.MaxValue : policy.MaxRetryInterval;
        var wanted = policy.FirstRetryInterval.TotalMilliseconds * Math.Pow(policy.BackoffCoefficient, attempt - 1);
        return wanted < most.TotalMilliseconds ? TimeSpan.FromMilliseconds(wanted) : most;
    }

    async Task<T> ByHandlerAsync<T>(Func<Task<T>> call, AsyncRetryHandler handler)
    {
        var first = context.CurrentUtcDateTime;
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                return await call();
            }
            catch (TaskFailedException failure) when (!Failure.IsFinal(failure))
            {
                var facts = new RetryContext(context, attempt, failure.FailureDetails, context.CurrentUtcDateTime - first, CancellationToken.None);
                if (!await handler(facts))
                    throw;
            }
        }
    }
}

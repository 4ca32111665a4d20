using System.ComponentModel;

namespace Microsoft.DurableTask;

/// <summary>When and how often a failed call is tried again.</summary>
public class RetryPolicy
{
    /// <summary>A policy of at most <paramref name="maxNumberOfAttempts"/> attempts.</summary>
    /// <exception cref="ArgumentOutOfRangeException">An interval or count makes no sense.</exception>
    public RetryPolicy(
        int maxNumberOfAttempts,
        TimeSpan firstRetryInterval,
        double backoffCoefficient = 1.0,
        TimeSpan? maxRetryInterval = null,
        TimeSpan? retryTimeout = null)
    {
        Require(maxNumberOfAttempts > 0, nameof(maxNumberOfAttempts), maxNumberOfAttempts, "at least one attempt");
        Require(firstRetryInterval > TimeSpan.Zero, nameof(firstRetryInterval), firstRetryInterval, "a positive interval");
        Require(backoffCoefficient >= 1.0, nameof(backoffCoefficient), backoffCoefficient, "a coefficient of 1 or more");
        Require(NotBelow(maxRetryInterval), nameof(maxRetryInterval), maxRetryInterval, "no less than the first interval");
        Require(NotBelow(retryTimeout), nameof(retryTimeout), retryTimeout, "no less than the first interval");

        MaxNumberOfAttempts = maxNumberOfAttempts;
        FirstRetryInterval = firstRetryInterval;
        BackoffCoefficient = backoffCoefficient;
        MaxRetryInterval = maxRetryInterval ?? TimeSpan.FromHours(1);
        RetryTimeout = retryTimeout ?? Timeout.InfiniteTimeSpan;
        Handle = static _ => true;

        bool NotBelow(TimeSpan? value) => value is null || value == Timeout.InfiniteTimeSpan || value >= firstRetryInterval;
    }

    /// <summary>Attempts in all, the first included.</summary>
    public int MaxNumberOfAttempts { get; }

    /// <summary>The wait before the second attempt.</summary>
    public TimeSpan FirstRetryInterval { get; }

    /// <summary>What each wait is multiplied by.</summary>
    public double BackoffCoefficient { get; }

    /// <summary>The longest wait between attempts.</summary>
    public TimeSpan MaxRetryInterval { get; }

    /// <summary>How long after the first attempt retrying stops.</summary>
    public TimeSpan RetryTimeout { get; }

    /// <summary>Whether a failure is retried.</summary>
    [EditorBrowsable(EditorBrowsableState.Never)]
    public Func<Exception, bool> Handle { get; private init; }

    /// <summary>Not honoured, as in the real package.</summary>
    [Obsolete("This functionality is not implemented. Will be removed in the future. Use TaskOptions.FromRetryHandler or HandleFailure instead.")]
    public Func<Exception, Task<bool>>? HandleAsync { get; set; }

    /// <summary>Decides by failure whether it is retried.</summary>
    public Func<TaskFailureDetails, bool> HandleFailure
    {
        init => Handle = exception => exception is TaskFailedException failed
            ? value(failed.FailureDetails)
            : throw new InvalidOperationException("Only a failed task carries the failure details that the retry handler asks for.");
    }

    static void Require(bool holds, string name, object? value, string what)
    {
        if (!holds)
            throw new ArgumentOutOfRangeException(name, value, $"A retry policy needs {what}.");
    }
}

using System.Globalization;

namespace Microsoft.Azure.Functions.Worker;

/// <summary>Makes a method a function.</summary>
[AttributeUsage(AttributeTargets.Method)]
public class FunctionAttribute : Attribute
{
    /// <summary>Under a name that is unique in the app.</summary>
    public FunctionAttribute(string name) => Name = name;

    /// <summary>The name.</summary>
    public string Name { get; }
}

/// <summary>How often a failed execution is repeated on the spot.</summary>
[AttributeUsage(AttributeTargets.Method)]
public abstract class RetryAttribute : Attribute
{
    /// <summary>For the strategies.</summary>
    public RetryAttribute()
    {
    }

    /// <summary>Repetitions after the first failure; -1 for no end.</summary>
    public int MaxRetryCount { get; set; }

    internal static TimeSpan Interval(string text, string name) =>
        TimeSpan.TryParse(text, CultureInfo.InvariantCulture, out var interval) && interval >= TimeSpan.Zero
            ? interval
            : throw new ArgumentOutOfRangeException(name, text, "A retry interval is a time span that is not negative, like 00:00:05.");
}

/// <summary>Repeats after the same wait each time.</summary>
public sealed class FixedDelayRetryAttribute : RetryAttribute
{
    /// <summary>With the wait as <c>hh:mm:ss</c>.</summary>
    public FixedDelayRetryAttribute(int maxRetryCount, string delayInterval)
    {
        _ = Interval(delayInterval, nameof(delayInterval));
        MaxRetryCount = maxRetryCount;
        DelayInterval = delayInterval;
    }

    /// <summary>The wait.</summary>
    public string DelayInterval { get; }
}

/// <summary>Repeats after a wait that doubles each time.</summary>
public sealed class ExponentialBackoffRetryAttribute : RetryAttribute
{
    /// <summary>With the shortest and the longest wait as <c>hh:mm:ss</c>.</summary>
    public ExponentialBackoffRetryAttribute(int maxRetryCount, string minimumInterval, string maximumInterval)
    {
        if (Interval(minimumInterval, nameof(minimumInterval)) > Interval(maximumInterval, nameof(maximumInterval)))
            throw new ArgumentException("The shortest wait is longer than the longest.", nameof(minimumInterval));
        MaxRetryCount = maxRetryCount;
        MinimumInterval = minimumInterval;
        MaximumInterval = maximumInterval;
    }

    /// <summary>The shortest wait.</summary>
    public string MinimumInterval { get; }

    /// <summary>The longest wait.</summary>
    public string MaximumInterval { get; }
}

namespace Microsoft.DurableTask.Client;

/// <summary>How an instance is terminated.</summary>
/// <param name="Output">What it leaves as output.</param>
/// <param name="Recursive">Whether its sub-orchestrations end too.</param>
public record TerminateInstanceOptions(object? Output = null, bool Recursive = false);

/// <summary>How an instance is purged.</summary>
/// <param name="Recursive">Whether its sub-orchestrations go too.</param>
public record PurgeInstanceOptions(bool Recursive = false);

/// <summary>Which ended instances to purge.</summary>
/// <param name="CreatedFrom">Scheduled then or later.</param>
/// <param name="CreatedTo">Scheduled then or earlier.</param>
/// <param name="Statuses">In one of these; null for all.</param>
public record PurgeInstancesFilter(
    DateTimeOffset? CreatedFrom = null,
    DateTimeOffset? CreatedTo = null,
    IEnumerable<OrchestrationRuntimeStatus>? Statuses = null)
{
    /// <summary>How long purging may take; null for as long as it takes.</summary>
    public TimeSpan? Timeout { get; init; }
}

/// <summary>What purging did.</summary>
public class PurgeResult
{
    /// <summary>With a count.</summary>
    public PurgeResult(int count)
    {
        if (count < 0)
            throw new ArgumentException("A count is not negative.", nameof(count));
        PurgedInstanceCount = count;
    }

    /// <summary>With a count, and whether all was done.</summary>
    public PurgeResult(int count, bool? isComplete)
        : this(count) => IsComplete = isComplete;

    /// <summary>How many instances went.</summary>
    public int PurgedInstanceCount { get; }

    /// <summary>Whether nothing was left over; null when unknown.</summary>
    public bool? IsComplete { get; }
}

namespace Microsoft.DurableTask.Client.Entities;

/// <summary>Which entities to list.</summary>
public record EntityQuery
{
    /// <summary>Entities a page when nothing is said.</summary>
    public const int DefaultPageSize = 100;

    /// <summary>With ids that begin so; the <c>@</c> is added and the name part lower-cased.</summary>
    public string? InstanceIdStartsWith
    {
        get;
        init
        {
            if (value is null)
                return;
            var id = value.StartsWith('@') ? value : "@" + value;
            var key = id.IndexOf('@', 1);
            field = key < 0 ? id.ToLowerInvariant() : id[..key].ToLowerInvariant() + id[key..];
        }
    }

    /// <summary>Changed then or later.</summary>
    public DateTimeOffset? LastModifiedFrom { get; init; }

    /// <summary>Changed then or earlier.</summary>
    public DateTimeOffset? LastModifiedTo { get; init; }

    /// <summary>Whether states come along.</summary>
    public bool IncludeState { get; init; } = true;

    /// <summary>Whether entities without state are listed.</summary>
    public bool IncludeTransient { get; init; }

    /// <summary>How many a page.</summary>
    public int? PageSize { get; init; }

    /// <summary>Where to go on.</summary>
    public string? ContinuationToken { get; init; }
}

/// <summary>What to clean up.</summary>
public readonly record struct CleanEntityStorageRequest
{
    /// <summary>Everything.</summary>
    public static CleanEntityStorageRequest Default => new() { RemoveEmptyEntities = true, ReleaseOrphanedLocks = true };

    /// <summary>Whether entities without state and work go.</summary>
    public bool RemoveEmptyEntities { get; init; }

    /// <summary>Whether locks of orchestrations that have ended are released.</summary>
    public bool ReleaseOrphanedLocks { get; init; }

    /// <summary>Where to go on.</summary>
    public string? ContinuationToken { get; init; }
}

/// <summary>What cleaning up did.</summary>
public readonly record struct CleanEntityStorageResult
{
    /// <summary>Entities that went.</summary>
    public int EmptyEntitiesRemoved { get; init; }

    /// <summary>Locks released.</summary>
    public int OrphanedLocksReleased { get; init; }

    /// <summary>Where to go on; null when done.</summary>
    public string? ContinuationToken { get; init; }
}

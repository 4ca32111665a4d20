namespace Microsoft.Azure.Functions.Worker.Core.FunctionMetadata;

/// <summary>A function as the worker announces it.</summary>
public interface IFunctionMetadata
{
    /// <summary>Its id.</summary>
    string? FunctionId { get; }

    /// <summary>Whether it is a proxy.</summary>
    bool IsProxy { get; }

    /// <summary>Its language.</summary>
    string? Language { get; }

    /// <summary>Whether the host manages its dependencies.</summary>
    bool ManagedDependencyEnabled { get; }

    /// <summary>Its name.</summary>
    string? Name { get; }

    /// <summary>Its method.</summary>
    string? EntryPoint { get; }

    /// <summary>Its bindings as JSON.</summary>
    IList<string>? RawBindings { get; }

    /// <summary>Its file.</summary>
    string? ScriptFile { get; }

    /// <summary>How it is retried.</summary>
    IRetryOptions? Retry { get; }
}

/// <summary>How a function is retried.</summary>
public interface IRetryOptions
{
    /// <summary>Repetitions allowed.</summary>
    int MaxRetryCount { get; }

    /// <summary>The fixed wait.</summary>
    TimeSpan? DelayInterval { get; }

    /// <summary>The shortest wait.</summary>
    TimeSpan? MinimumInterval { get; }

    /// <summary>The longest wait.</summary>
    TimeSpan? MaximumInterval { get; }

    /// <summary>Which kind of wait.</summary>
    RetryStrategy? Strategy { get; }
}

/// <summary>Kinds of wait between repetitions.</summary>
public enum RetryStrategy
{
    /// <summary>Doubling.</summary>
    ExponentialBackoff,

    /// <summary>Always the same.</summary>
    FixedDelay,
}

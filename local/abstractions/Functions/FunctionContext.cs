using System.Collections.Immutable;

namespace Microsoft.Azure.Functions.Worker;

/// <summary>One execution of a function.</summary>
public abstract class FunctionContext
{
    /// <summary>For hosts.</summary>
    protected FunctionContext()
    {
    }

    /// <summary>Unique to this execution.</summary>
    public abstract string InvocationId { get; }

    /// <summary>Stable for the function.</summary>
    public abstract string FunctionId { get; }

    /// <summary>Where the execution stands in a distributed trace.</summary>
    public abstract TraceContext TraceContext { get; }

    /// <summary>What the trigger knew.</summary>
    public abstract BindingContext BindingContext { get; }

    /// <summary>Which repetition this is; null when the function has no retry.</summary>
    public abstract RetryContext RetryContext { get; }

    /// <summary>The services of this execution.</summary>
    public abstract IServiceProvider InstanceServices { get; set; }

    /// <summary>The function.</summary>
    public abstract FunctionDefinition FunctionDefinition { get; }

    /// <summary>Whatever middleware and function want to share.</summary>
    public abstract IDictionary<object, object> Items { get; set; }

    /// <summary>What the host offers for this execution.</summary>
    public abstract IInvocationFeatures Features { get; }

    /// <summary>Cancelled when the host wants the execution to stop.</summary>
    public virtual CancellationToken CancellationToken { get; } = CancellationToken.None;
}

/// <summary>What the trigger knew: route values, message properties and so on, by name.</summary>
public abstract class BindingContext
{
    /// <summary>For hosts.</summary>
    protected BindingContext()
    {
    }

    /// <summary>The values by name.</summary>
    public abstract IReadOnlyDictionary<string, object?> BindingData { get; }
}

/// <summary>A W3C trace context.</summary>
public abstract class TraceContext
{
    /// <summary>For hosts.</summary>
    protected TraceContext()
    {
    }

    /// <summary>The <c>traceparent</c>.</summary>
    public abstract string TraceParent { get; }

    /// <summary>The <c>tracestate</c>.</summary>
    public abstract string TraceState { get; }

    /// <summary>Further facts for the trace.</summary>
    public virtual IReadOnlyDictionary<string, string> Attributes => ImmutableDictionary<string, string>.Empty;

    /// <summary>The baggage.</summary>
    public virtual IReadOnlyDictionary<string, string> Baggage => ImmutableDictionary<string, string>.Empty;
}

/// <summary>Which repetition an execution is.</summary>
public abstract class RetryContext
{
    /// <summary>For hosts.</summary>
    protected RetryContext()
    {
    }

    /// <summary>Repetitions so far; 0 at first.</summary>
    public abstract int RetryCount { get; }

    /// <summary>Repetitions allowed.</summary>
    public abstract int MaxRetryCount { get; }
}

/// <summary>Features by type.</summary>
public interface IInvocationFeatures : IEnumerable<KeyValuePair<Type, object>>
{
    /// <summary>Sets a feature.</summary>
    void Set<T>(T instance);

    /// <summary>A feature, or null.</summary>
    T? Get<T>();
}

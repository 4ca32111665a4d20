namespace Microsoft.Azure.Functions.Worker;

/// <summary>An input that middleware may read and replace.</summary>
public abstract class InputBindingData<T>
{
    /// <summary>For hosts.</summary>
    protected InputBindingData()
    {
    }

    /// <summary>The binding.</summary>
    public abstract BindingMetadata BindingMetadata { get; }

    /// <summary>The value that the function gets.</summary>
    public abstract T? Value { get; set; }
}

/// <summary>An output that middleware may read and replace.</summary>
public abstract class OutputBindingData<T>
{
    /// <summary>For hosts.</summary>
    protected OutputBindingData()
    {
    }

    /// <summary>The kind of binding.</summary>
    public abstract string BindingType { get; }

    /// <summary>Its name.</summary>
    public abstract string Name { get; }

    /// <summary>The value that is written.</summary>
    public abstract T? Value { get; set; }
}

/// <summary>What a function returned.</summary>
public abstract class InvocationResult<T>
{
    /// <summary>For hosts.</summary>
    protected InvocationResult()
    {
    }

    /// <summary>The value; setting it replaces what was returned.</summary>
    public abstract T? Value { get; set; }
}

/// <summary>What a function returned.</summary>
public abstract class InvocationResult : InvocationResult<object>
{
    /// <summary>For hosts.</summary>
    protected InvocationResult()
    {
    }
}

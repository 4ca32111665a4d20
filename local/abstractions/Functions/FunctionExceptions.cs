namespace Microsoft.Azure.Functions.Worker;

/// <summary>The worker could not do its part.</summary>
public class FunctionWorkerException : Exception
{
    /// <summary>With a reason.</summary>
    public FunctionWorkerException(string? message)
        : base(message)
    {
    }

    /// <summary>With a reason and a cause.</summary>
    public FunctionWorkerException(string? message, Exception? innerException)
        : base(message, innerException)
    {
    }
}

/// <summary>A parameter of a function could not be bound.</summary>
public class FunctionInputConverterException : FunctionWorkerException
{
    /// <summary>With a reason.</summary>
    public FunctionInputConverterException(string? message)
        : base(message)
    {
    }

    /// <summary>With a reason and a cause.</summary>
    public FunctionInputConverterException(string? message, Exception? innerException)
        : base(message, innerException)
    {
    }
}

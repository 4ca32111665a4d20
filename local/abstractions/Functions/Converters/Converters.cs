using System.Diagnostics.CodeAnalysis;

namespace Microsoft.Azure.Functions.Worker.Converters;

/// <summary>Turns what a trigger or input delivers into what a parameter declares.</summary>
public interface IInputConverter
{
    /// <summary>Converts, fails, or leaves it to the next converter.</summary>
    ValueTask<ConversionResult> ConvertAsync(ConverterContext context);
}

/// <summary>What is to be converted.</summary>
public abstract class ConverterContext
{
    /// <summary>For hosts.</summary>
    protected ConverterContext()
    {
    }

    /// <summary>The parameter's type.</summary>
    public abstract Type TargetType { get; }

    /// <summary>What was delivered; null when nothing was.</summary>
    public abstract object? Source { get; }

    /// <summary>The execution.</summary>
    public abstract FunctionContext FunctionContext { get; }

    /// <summary>The parameter's properties.</summary>
    public abstract IReadOnlyDictionary<string, object> Properties { get; }
}

/// <summary>How a conversion ended.</summary>
public enum ConversionStatus
{
    /// <summary>Not this converter's business.</summary>
    Unhandled,

    /// <summary>Converted.</summary>
    Succeeded,

    /// <summary>Tried in vain.</summary>
    Failed,
}

/// <summary>The end of a conversion.</summary>
public readonly struct ConversionResult
{
    ConversionResult(ConversionStatus status, object? value, Exception? error)
    {
        Status = status;
        Value = value;
        Error = error;
    }

    /// <summary>How it ended.</summary>
    public ConversionStatus Status { get; }

    /// <summary>The value.</summary>
    public object? Value { get; }

    /// <summary>Why it failed.</summary>
    public Exception? Error { get; }

    /// <summary>Left to the next converter.</summary>
    public static ConversionResult Unhandled() => default;

    /// <summary>Converted.</summary>
    public static ConversionResult Success(object? value) => new(ConversionStatus.Succeeded, value, error: null);

    /// <summary>Failed.</summary>
    public static ConversionResult Failed(Exception exception)
    {
        ArgumentNullException.ThrowIfNull(exception);
        return new(ConversionStatus.Failed, value: null, exception);
    }
}

/// <summary>Names a converter for a parameter, a binding or a type.</summary>
[AttributeUsage(
    AttributeTargets.Parameter | AttributeTargets.Class | AttributeTargets.Interface | AttributeTargets.Enum | AttributeTargets.Struct, AllowMultiple = true)]
public class InputConverterAttribute : Attribute
{
    /// <summary>Of that type.</summary>
    /// <exception cref="InvalidOperationException">The type is no converter.</exception>
    public InputConverterAttribute(Type converterType)
    {
        ArgumentNullException.ThrowIfNull(converterType);
        ConverterType = typeof(IInputConverter).IsAssignableFrom(converterType)
            ? converterType
            : throw new InvalidOperationException($"'{converterType}' is not an {nameof(IInputConverter)}.");
    }

    /// <summary>The converter.</summary>
    public Type ConverterType { get; }
}

/// <summary>Whether the worker's own converters may try after a binding's.</summary>
public enum ConverterFallbackBehavior
{
    /// <summary>They may.</summary>
    Allow = 0,

    /// <summary>They may not.</summary>
    Disallow = 1,

    /// <summary>They may.</summary>
    [SuppressMessage("Design", "CA1069", Justification = "Declared so.")]
    Default = Allow,
}

/// <summary>Says whether the worker's own converters may try after a binding's.</summary>
[AttributeUsage(AttributeTargets.Class)]
public sealed class ConverterFallbackBehaviorAttribute : Attribute
{
    /// <summary>With that behaviour.</summary>
    public ConverterFallbackBehaviorAttribute(ConverterFallbackBehavior fallbackBehavior) => Behavior = fallbackBehavior;

    /// <summary>The behaviour.</summary>
    public ConverterFallbackBehavior Behavior { get; }
}

/// <summary>A type that a converter can make.</summary>
[AttributeUsage(AttributeTargets.Class, AllowMultiple = true)]
public sealed class SupportedTargetTypeAttribute : Attribute
{
    /// <summary>That type.</summary>
    public SupportedTargetTypeAttribute(Type targetType)
    {
        ArgumentNullException.ThrowIfNull(targetType);
        TargetType = targetType;
    }

    /// <summary>The type.</summary>
    public Type TargetType { get; }
}

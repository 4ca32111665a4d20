using System.Diagnostics.CodeAnalysis;

namespace Microsoft.DurableTask;

/// <summary>How payloads become text and back.</summary>
public abstract class DataConverter
{
    /// <summary>For implementations.</summary>
    protected DataConverter()
    {
    }

    /// <summary>Text for a value; null for null.</summary>
    [return: NotNullIfNotNull(nameof(value))]
    public abstract string? Serialize(object? value);

    /// <summary>The value that text stands for; null for null.</summary>
    [return: NotNullIfNotNull(nameof(data))]
    public abstract object? Deserialize(string? data, Type targetType);

    /// <summary>The value that text stands for; the type's default for null.</summary>
    [return: NotNullIfNotNull(nameof(data))]
    public virtual T? Deserialize<T>(string? data) => Deserialize(data, typeof(T)) is { } value ? (T)value : default;
}

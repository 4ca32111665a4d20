using System.Collections.Immutable;

namespace Microsoft.Azure.Functions.Worker;

/// <summary>A function as it was declared.</summary>
public abstract class FunctionDefinition
{
    /// <summary>For hosts.</summary>
    protected FunctionDefinition()
    {
    }

    /// <summary>Its parameters.</summary>
    public abstract ImmutableArray<FunctionParameter> Parameters { get; }

    /// <summary>Where its assembly is.</summary>
    public abstract string PathToAssembly { get; }

    /// <summary>Its method, as <c>Namespace.Class.Method</c>.</summary>
    public abstract string EntryPoint { get; }

    /// <summary>Its id.</summary>
    public abstract string Id { get; }

    /// <summary>Its name.</summary>
    public abstract string Name { get; }

    /// <summary>Trigger and inputs by parameter name.</summary>
    public abstract IImmutableDictionary<string, BindingMetadata> InputBindings { get; }

    /// <summary>Outputs by property name; <c>$return</c> for the return value.</summary>
    public abstract IImmutableDictionary<string, BindingMetadata> OutputBindings { get; }
}

/// <summary>A parameter of a function.</summary>
public class FunctionParameter
{
    /// <summary>Without default and properties.</summary>
    public FunctionParameter(string name, Type type)
        : this(name, type, hasDefaultValue: false, defaultValue: null)
    {
    }

    /// <summary>Without properties.</summary>
    public FunctionParameter(string name, Type type, bool hasDefaultValue, object? defaultValue)
        : this(name, type, hasDefaultValue, defaultValue, ImmutableDictionary<string, object>.Empty)
    {
    }

    /// <summary>Without default.</summary>
    public FunctionParameter(string name, Type type, IReadOnlyDictionary<string, object> properties)
        : this(name, type, hasDefaultValue: false, defaultValue: null, properties)
    {
    }

    /// <summary>In full.</summary>
    public FunctionParameter(string name, Type type, bool hasDefaultValue, object? defaultValue, IReadOnlyDictionary<string, object> properties)
    {
        ArgumentNullException.ThrowIfNull(name);
        ArgumentNullException.ThrowIfNull(type);
        ArgumentNullException.ThrowIfNull(properties);
        Name = name;
        Type = type;
        HasDefaultValue = hasDefaultValue;
        DefaultValue = defaultValue;
        IsReferenceOrNullableType = !type.IsValueType || Nullable.GetUnderlyingType(type) is not null;
        Properties = properties;
    }

    /// <summary>Its name.</summary>
    public string Name { get; }

    /// <summary>Its type.</summary>
    public Type Type { get; }

    /// <summary>Whether it may be left out.</summary>
    public bool HasDefaultValue { get; }

    /// <summary>Whether it can be null.</summary>
    public bool IsReferenceOrNullableType { get; }

    /// <summary>Its default.</summary>
    public object? DefaultValue { get; }

    /// <summary>How it is converted.</summary>
    public IReadOnlyDictionary<string, object> Properties { get; }
}

/// <summary>Which way a binding goes.</summary>
public enum BindingDirection
{
    /// <summary>Into the function.</summary>
    In,

    /// <summary>Out of it.</summary>
    Out,
}

/// <summary>A binding of a function.</summary>
public abstract class BindingMetadata
{
    /// <summary>For hosts.</summary>
    protected BindingMetadata()
    {
    }

    /// <summary>The parameter or property; <c>$return</c> for the return value.</summary>
    public abstract string Name { get; }

    /// <summary>The kind, like <c>httpTrigger</c>.</summary>
    public abstract string Type { get; }

    /// <summary>Which way it goes.</summary>
    public abstract BindingDirection Direction { get; }
}

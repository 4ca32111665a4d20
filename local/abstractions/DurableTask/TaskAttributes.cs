namespace Microsoft.DurableTask;

/// <summary>Names a class-based orchestrator, activity or entity.</summary>
[AttributeUsage(AttributeTargets.Class, AllowMultiple = false, Inherited = false)]
public sealed class DurableTaskAttribute : Attribute
{
    /// <summary>Without a name the class's own is used.</summary>
    public DurableTaskAttribute(string? name = null) => Name = string.IsNullOrEmpty(name) ? default : new(name);

    /// <summary>The declared name, or the default.</summary>
    public TaskName Name { get; }

    /// <summary>The version that this class serves; null when unversioned.</summary>
    public string? Version { get; set; }

    internal static TaskName NameOf(Type type)
    {
        ArgumentNullException.ThrowIfNull(type);
        return Of(type)?.Name is { Name: { Length: > 0 } } name ? name : new(type.Name);
    }

    internal static TaskVersion VersionOf(Type type)
    {
        ArgumentNullException.ThrowIfNull(type);
        return new(Of(type)?.Version);
    }

    static DurableTaskAttribute? Of(Type type) => (DurableTaskAttribute?)GetCustomAttribute(type, typeof(DurableTaskAttribute));
}

/// <summary>Names a type that is the payload of an external event.</summary>
[AttributeUsage(AttributeTargets.Class | AttributeTargets.Struct, AllowMultiple = false, Inherited = false)]
public sealed class DurableEventAttribute : Attribute
{
    /// <summary>Without a name the type's own is used.</summary>
    public DurableEventAttribute(string? name = null) => Name = string.IsNullOrEmpty(name) ? default : new(name);

    /// <summary>The declared name, or the default.</summary>
    public TaskName Name { get; }
}

namespace Microsoft.Azure.Functions.Worker.Extensions.Abstractions;

/// <summary>Ties data of the outside world to a function.</summary>
[AttributeUsage(AttributeTargets.Method)]
public abstract class BindingAttribute : Attribute
{
    /// <summary>For the bindings.</summary>
    public BindingAttribute()
    {
    }
}

/// <summary>What starts a function.</summary>
[AttributeUsage(AttributeTargets.Parameter)]
public abstract class TriggerBindingAttribute : BindingAttribute
{
    /// <summary>For the triggers.</summary>
    public TriggerBindingAttribute()
    {
    }
}

/// <summary>What a function reads.</summary>
[AttributeUsage(AttributeTargets.Parameter)]
public abstract class InputBindingAttribute : BindingAttribute
{
    /// <summary>For the inputs.</summary>
    public InputBindingAttribute()
    {
    }
}

/// <summary>What a function writes by returning it.</summary>
[AttributeUsage(AttributeTargets.Method | AttributeTargets.Property)]
public abstract class OutputBindingAttribute : BindingAttribute
{
    /// <summary>For the outputs.</summary>
    public OutputBindingAttribute()
    {
    }
}

/// <summary>What a binding can do.</summary>
[AttributeUsage(AttributeTargets.Class)]
public sealed class BindingCapabilitiesAttribute : Attribute
{
    /// <summary>By the names in <see cref="KnownBindingCapabilities"/>.</summary>
    public BindingCapabilitiesAttribute(params string[] capabilities) => Capabilities = capabilities;

    /// <summary>The names.</summary>
    public string[] Capabilities { get; }
}

/// <summary>Names of what a binding can do.</summary>
public static class KnownBindingCapabilities
{
    /// <summary>Executions can be repeated by a retry attribute.</summary>
    public const string FunctionLevelRetry = "FunctionLevelRetry";
}

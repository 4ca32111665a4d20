using System.Reflection;
using Microsoft.Azure.Functions.Worker;
using Microsoft.Azure.Functions.Worker.Converters;
using Microsoft.Azure.Functions.Worker.Extensions.Abstractions;

namespace AiOs.Local.Hosting.Discovery;

/// <summary>A parameter of a function and what may convert its value.</summary>
/// <param name="Parameter">The parameter.</param>
/// <param name="Binding">Its trigger or input attribute, when it has one.</param>
/// <param name="Converters">Converters that the parameter, its type and its binding name, in the order in which they are tried.</param>
/// <param name="FallsBack">Whether the worker's own converters are tried after them.</param>
sealed record Argument(ParameterInfo Parameter, BindingAttribute? Binding, IReadOnlyList<Type> Converters, bool FallsBack)
{
    public string Name => Parameter.Name!;

    public Type Type => Parameter.ParameterType;

    public static Argument Of(ParameterInfo parameter)
    {
        var binding = parameter.GetCustomAttributes().OfType<BindingAttribute>().FirstOrDefault();
        IEnumerable<InputConverterAttribute> converters =
        [
            .. parameter.GetCustomAttributes<InputConverterAttribute>(),
            .. parameter.ParameterType.GetCustomAttributes<InputConverterAttribute>(),
            .. binding?.GetType().GetCustomAttributes<InputConverterAttribute>() ?? [],
        ];
        var fallback = binding?.GetType().GetCustomAttribute<ConverterFallbackBehaviorAttribute>()?.Behavior ?? ConverterFallbackBehavior.Default;
        return new(parameter, binding, [.. converters.Select(c => c.ConverterType)], fallback != ConverterFallbackBehavior.Disallow);
    }

    public FunctionParameter ToFunctionParameter()
    {
        var properties = new Dictionary<string, object>(StringComparer.Ordinal);
        if (Binding is not null)
            properties["bindingAttribute"] = Binding;
        return new(Name, Type, Parameter.HasDefaultValue, Parameter.HasDefaultValue ? Parameter.DefaultValue : null, properties);
    }
}

using System.Reflection;

namespace Microsoft.DurableTask.Entities;

/// <summary>The method that an operation runs: its parameters are the input, the context and the operation, each at most once.</summary>
readonly record struct EntityMethod(MethodInfo Method, object Target)
{
    const BindingFlags Operations = BindingFlags.Public | BindingFlags.Instance | BindingFlags.IgnoreCase;

    /// <exception cref="AmbiguousMatchException">The name is overloaded.</exception>
    public static EntityMethod? Find(TaskEntityOperation operation, object target) =>
        target.GetType().GetMethod(operation.Name, Operations) is { } method ? new(method, target) : null;

    public async ValueTask<object?> InvokeAsync(TaskEntityOperation operation)
    {
        var result = Method.Invoke(Target, BindingFlags.DoNotWrapExceptions, binder: null, Arguments(operation), culture: null);
        return result switch
        {
            Task task => await ResultOf(task),
            ValueTask task => await ResultOf(task.AsTask()),
            _ when IsValueTaskOfT(Method.ReturnType) => await ResultOf((Task)Method.ReturnType.GetMethod(nameof(ValueTask.AsTask))!.Invoke(result, null)!),
            _ => result,
        };
    }

    static bool IsValueTaskOfT(Type type) => type.IsGenericType && type.GetGenericTypeDefinition() == typeof(ValueTask<>);

    async Task<object?> ResultOf(Task task)
    {
        await task;
        var declared = Method.ReturnType;
        return declared.IsGenericType ? task.GetType().GetProperty(nameof(Task<>.Result))!.GetValue(task) : null;
    }

    object?[] Arguments(TaskEntityOperation operation)
    {
        var parameters = Method.GetParameters();
        var arguments = new object?[parameters.Length];
        var taken = new HashSet<Type>();
        for (var i = 0; i < parameters.Length; i++)
        {
            var parameter = parameters[i];
            var kind = parameter.ParameterType == typeof(TaskEntityContext) || parameter.ParameterType == typeof(TaskEntityOperation)
                ? parameter.ParameterType
                : typeof(object);
            if (!taken.Add(kind))
                throw new InvalidOperationException($"'{parameter}' of '{Method}' binds what another parameter already binds in '{operation}'.");
            arguments[i] = kind == typeof(TaskEntityContext) ? operation.Context : kind == typeof(TaskEntityOperation) ? operation : Input(operation, parameter);
        }
        return arguments;
    }

    object? Input(TaskEntityOperation operation, ParameterInfo parameter) =>
        operation.HasInput ? operation.GetInput(parameter.ParameterType)
        : parameter.HasDefaultValue ? parameter.DefaultValue
        : throw new InvalidOperationException($"'{parameter}' of '{Method}' needs an input, but '{operation}' came without one.");
}

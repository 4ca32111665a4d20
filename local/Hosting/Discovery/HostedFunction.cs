using System.Collections.Immutable;
using System.Reflection;
using System.Security.Cryptography;
using System.Text;
using Microsoft.Azure.Functions.Worker;
using Microsoft.Extensions.DependencyInjection;

namespace AiOs.Local.Hosting.Discovery;

/// <summary>A function found in an assembly: what starts it, what it takes and gives, and how to call it.</summary>
sealed class HostedFunction : FunctionDefinition
{
    readonly MethodInvoker invoker;
    readonly ObjectFactory? factory;

    public HostedFunction(string name, MethodInfo method, Trigger trigger, string triggerParameter, RetryAttribute? retry, IReadOnlyList<Binding> bindings)
    {
        Name = name;
        Method = method;
        Trigger = trigger;
        TriggerParameter = triggerParameter;
        Retry = retry;
        Arguments = [.. method.GetParameters().Select(Argument.Of)];
        Parameters = [.. Arguments.Select(a => a.ToFunctionParameter())];
        InputBindings = bindings.Where(b => b.Direction == BindingDirection.In).ToImmutableDictionary(b => b.Name, BindingMetadata (b) => b, StringComparer.Ordinal);
        OutputBindings = bindings.Where(b => b.Direction == BindingDirection.Out).ToImmutableDictionary(b => b.Name, BindingMetadata (b) => b, StringComparer.Ordinal);
        EntryPoint = $"{method.DeclaringType!.FullName}.{method.Name}";
        PathToAssembly = method.DeclaringType.Assembly.Location;
        Id = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes($"{Name}\n{EntryPoint}")).AsSpan(0, 8));
        invoker = MethodInvoker.Create(method);
        factory = method.IsStatic ? null : ActivatorUtilities.CreateFactory(method.DeclaringType, Type.EmptyTypes);
    }

    public MethodInfo Method { get; }

    public Trigger Trigger { get; }

    public string TriggerParameter { get; }

    public RetryAttribute? Retry { get; }

    public ImmutableArray<Argument> Arguments { get; }

    public override ImmutableArray<FunctionParameter> Parameters { get; }

    public override string PathToAssembly { get; }

    public override string EntryPoint { get; }

    public override string Id { get; }

    public override string Name { get; }

    public override IImmutableDictionary<string, BindingMetadata> InputBindings { get; }

    public override IImmutableDictionary<string, BindingMetadata> OutputBindings { get; }

    /// <summary>What the method returns once awaited; null for nothing.</summary>
    public Type? ResultType { get => field ??= Returned(Method.ReturnType); }

    /// <summary>Calls the method, on a new object of its class unless it is static, and awaits what it returns.</summary>
    public ValueTask<object?> CallAsync(IServiceProvider services, object?[] arguments)
    {
        var target = factory?.Invoke(services, null);
        return Awaited(invoker.Invoke(target, arguments.AsSpan()));
    }

    static ValueTask<object?> Awaited(object? returned) => returned switch
    {
        Task task => ResultOf(task),
        ValueTask task => ResultOf(task.AsTask()),
        not null when Is(returned.GetType(), typeof(ValueTask<>)) => ResultOf((Task)returned.GetType().GetMethod(nameof(ValueTask<>.AsTask))!.Invoke(returned, null)!),
        _ => new(returned),
    };

    // An async method that returns Task hands out a Task of an internal type, so the declared result is looked for.
    static async ValueTask<object?> ResultOf(Task task)
    {
        await task;
        var result = task.GetType().GetProperty(nameof(Task<>.Result));
        return result is null || result.PropertyType.Name == "VoidTaskResult" ? null : result.GetValue(task);
    }

    static Type? Returned(Type type) =>
        type == typeof(void) || type == typeof(Task) || type == typeof(ValueTask) ? null
        : Is(type, typeof(Task<>)) || Is(type, typeof(ValueTask<>)) ? type.GetGenericArguments()[0]
        : type;

    static bool Is(Type type, Type open) => type.IsGenericType && type.GetGenericTypeDefinition() == open;
}

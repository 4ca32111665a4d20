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
    static readonly MethodInfo resultOf = typeof(HostedFunction).GetMethod(nameof(ResultOf), BindingFlags.Static | BindingFlags.NonPublic)!;
    static readonly MethodInfo resultOfValue = typeof(HostedFunction).GetMethod(nameof(ResultOfValue), BindingFlags.Static | BindingFlags.NonPublic)!;

    readonly MethodInvoker invoker;
    readonly Func<object?, ValueTask<object?>> awaited;
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
        awaited = Awaiting(method.ReturnType);
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
        return awaited(invoker.Invoke(target, arguments.AsSpan()));
    }

    // Made once for the declared type, because asking each task for its result by reflection costs more than most calls.
    static Func<object?, ValueTask<object?>> Awaiting(Type declared) =>
        Is(declared, typeof(Task<>)) ? Make(resultOf, declared)
        : Is(declared, typeof(ValueTask<>)) ? Make(resultOfValue, declared)
        : Awaited;

    static Func<object?, ValueTask<object?>> Make(MethodInfo open, Type declared) =>
        open.MakeGenericMethod(declared.GetGenericArguments()).CreateDelegate<Func<object?, ValueTask<object?>>>();

    static async ValueTask<object?> ResultOf<T>(object? returned) => returned is Task<T> task ? await task : null;

    static async ValueTask<object?> ResultOfValue<T>(object? returned) => await (ValueTask<T>)returned!;

    static async ValueTask<object?> Awaited(object? returned)
    {
        switch (returned)
        {
            case Task task:
                await task;
                return null;
            case ValueTask task:
                await task;
                return null;
            default:
                return returned;
        }
    }

    static Type? Returned(Type type) =>
        type == typeof(void) || type == typeof(Task) || type == typeof(ValueTask) ? null
        : Is(type, typeof(Task<>)) || Is(type, typeof(ValueTask<>)) ? type.GetGenericArguments()[0]
        : type;

    static bool Is(Type type, Type open) => type.IsGenericType && type.GetGenericTypeDefinition() == open;
}

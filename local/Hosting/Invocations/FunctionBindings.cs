using AiOs.Local.Hosting.Discovery;
using Microsoft.Azure.Functions.Worker;

namespace AiOs.Local.Hosting.Invocations;

/// <summary>Binds the parameters of one execution, calls the function and keeps what comes out.</summary>
sealed class FunctionBindings(Invocation invocation, ConverterChain converters) : InvocationBindings
{
    HostedFunction Function => invocation.Function;

    public override async Task ExecuteAsync(FunctionContext context)
    {
        var arguments = new object?[Function.Arguments.Length];
        List<string>? errors = null;
        for (var i = 0; i < arguments.Length; i++)
        {
            var argument = Function.Arguments[i];
            if (Replaced.TryGetValue(argument.Name, out arguments[i]))
                continue;
            var bound = await converters.ConvertAsync(argument, argument.Type, Source(argument.Name), context);
            arguments[i] = bound.Value;
            if (bound.Error is not null)
                (errors ??= []).Add(bound.Error);
        }
        if (errors is not null)
            throw new FunctionInputConverterException($"Parameters of '{Function.Name}' could not be bound: {string.Join("; ", errors)}");
        Result = await Function.CallAsync(context.InstanceServices, arguments);
    }

    public override async ValueTask<object?> BindAsync(FunctionContext context, string name, Type type)
    {
        var argument = Function.Arguments.FirstOrDefault(a => string.Equals(a.Name, name, StringComparison.OrdinalIgnoreCase));
        return argument is null ? null : (await converters.ConvertAsync(argument, type, Source(name), context)).Value;
    }

    public override void TakeApart(FunctionContext context)
    {
        if (Result is null || Function.OutputBindings.Count == 0 || Function.OutputBindings.ContainsKey(Binding.Return))
            return;
        foreach (var name in Function.OutputBindings.Keys)
            if (Result.GetType().GetProperty(name)?.GetValue(Result) is { } value)
                Outputs[name] = value;
        Result = null;
    }

    /// <summary>The value of an output binding.</summary>
    public object? Output(BindingMetadata binding) => binding.Name == Binding.Return ? Result : Outputs.GetValueOrDefault(binding.Name);

    object? Source(string name) =>
        string.Equals(name, Function.TriggerParameter, StringComparison.OrdinalIgnoreCase) ? invocation.Input.Value : invocation.Input.Data.GetValueOrDefault(name);
}

using System.Collections.Concurrent;
using System.Collections.ObjectModel;
using System.Reflection;
using AiOs.Local.Hosting.Discovery;
using Microsoft.Azure.Functions.Worker;
using Microsoft.Azure.Functions.Worker.Converters;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace AiOs.Local.Hosting.Invocations;

/// <summary>Tries converters in order: those that the parameter names, then the worker's own. What none of them takes is the parameter's default or null.</summary>
sealed class ConverterChain(IOptions<WorkerOptions> options, IServiceProvider services)
{
    readonly ConcurrentDictionary<Type, IInputConverter> converters = new();
    readonly ConcurrentDictionary<ParameterInfo, IInputConverter[]> chains = new();
    readonly Lazy<IReadOnlyList<Type>> own = new(() => [.. options.Value.InputConverters]);

    /// <summary>A value, or why there is none.</summary>
    public readonly record struct Bound(object? Value, string? Error);

    public async ValueTask<Bound> ConvertAsync(Argument argument, Type type, object? source, FunctionContext context)
    {
        var conversion = new Conversion(type, source, context);
        foreach (var converter in chains.GetOrAdd(argument.Parameter, static (_, of) => of.Chain.ChainOf(of.Argument), (Chain: this, Argument: argument)))
        {
            var result = await converter.ConvertAsync(conversion);
            if (result.Status == ConversionStatus.Succeeded)
                return new(result.Value, Error: null);
            if (result.Status == ConversionStatus.Failed)
                return new(null, $"'{argument.Name}' cannot be read as {type.Name}: {result.Error?.Message}");
        }
        return argument.Parameter.HasDefaultValue ? new(argument.Parameter.DefaultValue, Error: null)
            : !type.IsValueType || Nullable.GetUnderlyingType(type) is not null ? default
            : new(null, $"nothing was delivered for '{argument.Name}', which cannot be null");
    }

    IInputConverter[] ChainOf(Argument argument) =>
        [.. (argument.FallsBack ? argument.Converters.Concat(own.Value) : argument.Converters)
            .Select(type => converters.GetOrAdd(type, static (t, s) => (IInputConverter)ActivatorUtilities.GetServiceOrCreateInstance(s, t), services))];

    sealed class Conversion(Type type, object? source, FunctionContext context) : ConverterContext
    {
        public override Type TargetType => type;

        public override object? Source => source;

        public override FunctionContext FunctionContext => context;

        public override IReadOnlyDictionary<string, object> Properties => ReadOnlyDictionary<string, object>.Empty;
    }
}

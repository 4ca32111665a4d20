using Microsoft.Azure.Functions.Worker.Converters;
using Microsoft.Azure.Functions.Worker.Extensions.Abstractions;
using Microsoft.DurableTask.Client;

namespace Microsoft.Azure.Functions.Worker;

/// <summary>Binds a <see cref="DurableTaskClient"/>.</summary>
[InputConverter(typeof(DurableTaskClientConverter))]
[ConverterFallbackBehavior(ConverterFallbackBehavior.Disallow)]
public sealed class DurableClientAttribute : InputBindingAttribute
{
    /// <summary>The task hub; the host's own when null.</summary>
    public string? TaskHub { get; set; }

    /// <summary>The setting that holds the connection; not used by the embedded host.</summary>
    public string? ConnectionName { get; set; }
}

/// <summary>Runs the function as an orchestrator.</summary>
[AttributeUsage(AttributeTargets.Parameter)]
public sealed class OrchestrationTriggerAttribute : TriggerBindingAttribute
{
    /// <summary>The orchestrator's name; the function's when null.</summary>
    public string? Orchestration { get; set; }
}

/// <summary>Runs the function as an activity.</summary>
[AttributeUsage(AttributeTargets.Parameter)]
public sealed class ActivityTriggerAttribute : TriggerBindingAttribute
{
    /// <summary>The activity's name; the function's when null.</summary>
    public string? Activity { get; set; }
}

/// <summary>Runs the function as an entity.</summary>
[AttributeUsage(AttributeTargets.Parameter)]
public sealed class EntityTriggerAttribute : TriggerBindingAttribute
{
    /// <summary>The entity's name; the function's when null.</summary>
    public string? EntityName { get; set; }
}

/// <summary>The client of the host's durable engine, as a feature of an execution.</summary>
sealed record DurableClientFeature(DurableTaskClient Client);

[SupportedTargetType(typeof(DurableTaskClient))]
sealed class DurableTaskClientConverter : IInputConverter
{
    public ValueTask<ConversionResult> ConvertAsync(ConverterContext context) => new(
        context.TargetType != typeof(DurableTaskClient) ? ConversionResult.Unhandled()
        : context.FunctionContext.Features.Get<DurableClientFeature>() is { } feature ? ConversionResult.Success(feature.Client)
        : ConversionResult.Failed(new InvalidOperationException("The host runs no durable engine.")));
}

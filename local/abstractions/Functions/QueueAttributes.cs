using Microsoft.Azure.Functions.Worker.Converters;
using Microsoft.Azure.Functions.Worker.Extensions.Abstractions;

namespace Microsoft.Azure.Functions.Worker;

/// <summary>Runs the function for each message of a queue.</summary>
[InputConverter(typeof(QueueMessageBinaryDataConverter))]
[ConverterFallbackBehavior(ConverterFallbackBehavior.Default)]
public sealed class QueueTriggerAttribute : TriggerBindingAttribute
{
    /// <summary>Of that queue; <c>%setting%</c> is replaced.</summary>
    public QueueTriggerAttribute(string queueName) => QueueName = queueName;

    /// <summary>The queue.</summary>
    public string QueueName { get; }

    /// <summary>The setting that holds the connection; not used by the embedded host.</summary>
    public string? Connection { get; set; }
}

/// <summary>Sends what the function returns.</summary>
public sealed class QueueOutputAttribute : OutputBindingAttribute
{
    /// <summary>To that queue; <c>%setting%</c> is replaced.</summary>
    public QueueOutputAttribute(string queueName) => QueueName = queueName;

    /// <summary>The queue.</summary>
    public string QueueName { get; }

    /// <summary>The setting that holds the connection; not used by the embedded host.</summary>
    public string? Connection { get; set; }
}

[SupportedTargetType(typeof(BinaryData))]
sealed class QueueMessageBinaryDataConverter : IInputConverter
{
    public ValueTask<ConversionResult> ConvertAsync(ConverterContext context) => new(
        context.TargetType == typeof(BinaryData) && context.Source is string body
            ? ConversionResult.Success(BinaryData.FromString(body))
            : ConversionResult.Unhandled());
}

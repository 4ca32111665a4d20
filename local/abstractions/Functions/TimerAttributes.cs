using Microsoft.Azure.Functions.Worker.Converters;
using Microsoft.Azure.Functions.Worker.Extensions.Abstractions;

namespace Microsoft.Azure.Functions.Worker;

/// <summary>Runs the function on a schedule.</summary>
[BindingCapabilities(KnownBindingCapabilities.FunctionLevelRetry)]
[InputConverter(typeof(TimerInfoConverter))]
[ConverterFallbackBehavior(ConverterFallbackBehavior.Default)]
public sealed class TimerTriggerAttribute : TriggerBindingAttribute
{
    /// <summary>An NCRONTAB expression or a time span; <c>%setting%</c> is replaced.</summary>
    public TimerTriggerAttribute(string schedule)
    {
        Schedule = schedule;
        UseMonitor = true;
    }

    /// <summary>The schedule.</summary>
    public string Schedule { get; }

    /// <summary>Whether the last run is stored, so that one missed while the host was down is made up for.</summary>
    public bool UseMonitor { get; set; }

    /// <summary>Whether the function also runs when the host starts.</summary>
    public bool RunOnStartup { get; set; }
}

/// <summary>What a timer function is told.</summary>
public class TimerInfo
{
    /// <summary>Last and next run; null when the schedule is not monitored.</summary>
    public ScheduleStatus? ScheduleStatus { get; set; }

    /// <summary>Whether it runs later than it should.</summary>
    public bool IsPastDue { get; set; }
}

/// <summary>Where a schedule stands.</summary>
public class ScheduleStatus
{
    /// <summary>The last occurrence that ran.</summary>
    public DateTime Last { get; set; }

    /// <summary>The next expected one.</summary>
    public DateTime Next { get; set; }

    /// <summary>When this was written.</summary>
    public DateTime LastUpdated { get; set; }
}

[SupportedTargetType(typeof(TimerInfo))]
sealed class TimerInfoConverter : IInputConverter
{
    public ValueTask<ConversionResult> ConvertAsync(ConverterContext context) => new(
        context.TargetType == typeof(TimerInfo) && context.Source is TimerInfo info ? ConversionResult.Success(info) : ConversionResult.Unhandled());
}

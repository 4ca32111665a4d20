using Microsoft.Azure.Functions.Worker;

namespace AiOs.Local.Hosting.Discovery;

/// <summary>What starts a function; <see cref="Type"/> is the binding type that the Functions host uses.</summary>
abstract record Trigger(string Type);

/// <param name="Route">The template below the route prefix.</param>
/// <param name="Methods">Upper-case methods; empty for all.</param>
sealed record HttpTrigger(string Route, IReadOnlyList<string> Methods) : Trigger("httpTrigger");

sealed record QueueTrigger(string Queue) : Trigger("queueTrigger");

sealed record TimerTrigger(string Schedule, bool UseMonitor, bool RunOnStartup) : Trigger("timerTrigger");

sealed record OrchestrationTrigger(string Name) : Trigger("orchestrationTrigger");

sealed record ActivityTrigger(string Name) : Trigger("activityTrigger");

sealed record EntityTrigger(string Name) : Trigger("entityTrigger");

/// <summary>A binding of a function.</summary>
sealed class Binding(string name, string type, BindingDirection direction, string? queue = null) : BindingMetadata
{
    public const string Return = "$return";

    public override string Name => name;

    public override string Type => type;

    public override BindingDirection Direction => direction;

    /// <summary>The queue that an output of type <c>queue</c> sends to.</summary>
    public string? Queue => queue;
}

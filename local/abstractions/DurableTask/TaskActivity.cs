namespace Microsoft.DurableTask;

/// <summary>An activity as the engine runs it.</summary>
public interface ITaskActivity
{
    /// <summary>What its input is deserialised as.</summary>
    Type InputType { get; }

    /// <summary>What it returns.</summary>
    Type OutputType { get; }

    /// <summary>Runs it, at least once per call.</summary>
    Task<object?> RunAsync(TaskActivityContext context, object? input);
}

/// <summary>Base of class-based activities.</summary>
public abstract class TaskActivity<TInput, TOutput> : ITaskActivity
{
    /// <summary>For derived classes.</summary>
    protected TaskActivity()
    {
    }

    Type ITaskActivity.InputType => typeof(TInput);

    Type ITaskActivity.OutputType => typeof(TOutput);

    async Task<object?> ITaskActivity.RunAsync(TaskActivityContext context, object? input)
    {
        ArgumentNullException.ThrowIfNull(context);
        return await RunAsync(context, TaskInput.Cast<TInput>(input));
    }

    /// <summary>The work.</summary>
    public abstract Task<TOutput> RunAsync(TaskActivityContext context, TInput input);
}

/// <summary>Who calls an activity.</summary>
public abstract class TaskActivityContext
{
    /// <summary>For hosts.</summary>
    protected TaskActivityContext()
    {
    }

    /// <summary>The activity's name.</summary>
    public abstract TaskName Name { get; }

    /// <summary>The instance that called it.</summary>
    public abstract string InstanceId { get; }

    /// <summary>The version asked for; empty when none.</summary>
    public virtual string Version => "";
}

/// <summary>Makes an activity of a function.</summary>
public static class FuncTaskActivity
{
    /// <summary>Wraps <paramref name="implementation"/>.</summary>
    public static TaskActivity<TInput, TOutput> Create<TInput, TOutput>(Func<TaskActivityContext, TInput, Task<TOutput>> implementation)
    {
        ArgumentNullException.ThrowIfNull(implementation);
        return new Wrapped<TInput, TOutput>(implementation);
    }

    sealed class Wrapped<TInput, TOutput>(Func<TaskActivityContext, TInput, Task<TOutput>> function) : TaskActivity<TInput, TOutput>
    {
        public override Task<TOutput> RunAsync(TaskActivityContext context, TInput input) => function(context, input);
    }
}

/// <summary>Turns what the engine deserialised into what a task declares; null becomes the type's default.</summary>
static class TaskInput
{
    public static T Cast<T>(object? input) => input switch
    {
        T typed => typed,
        null => default!,
        _ => throw new ArgumentException($"The input is a '{input.GetType()}' where '{typeof(T)}' is expected."),
    };
}

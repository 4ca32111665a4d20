using Microsoft.DurableTask;

namespace AiOs.Local.Durable.Histories;

/// <summary>A failure as it is stored: type, message, stack and what caused it. <paramref name="Final"/> ones are not retried.</summary>
sealed record Failure(string Type, string Message, string? Stack = null, Failure? Inner = null, bool? Final = null)
{
    const string FinalMark = "AiOs.Local.Durable.Final";

    // A chain longer than this says nothing more; it keeps the stored form shallow.
    const int DeepestInner = 32;

    public static Failure From(Exception exception) => From(exception, 0);

    static Failure From(Exception exception, int depth)
    {
        var inner = depth == DeepestInner ? null
            : exception is TaskFailedException { FailureDetails: { } details } ? From(details)
            : exception.InnerException is { } cause ? From(cause, depth + 1)
            : null;
        return new(exception.GetType().ToString(), exception.Message, exception.StackTrace, inner);
    }

    static Failure From(TaskFailureDetails details) =>
        new(details.ErrorType, details.ErrorMessage, details.StackTrace, details.InnerFailure is { } inner ? From(inner) : null);

    public TaskFailureDetails ToDetails() => new(Type, Message, Stack, Inner?.ToDetails(), Properties: null);

    /// <summary>Without the stack traces, which name files of the machine.</summary>
    public Failure WithoutStack() => this with { Stack = null, Inner = Inner?.WithoutStack() };

    /// <summary>What the awaiting orchestrator gets.</summary>
    public TaskFailedException ToException(string task, int taskId)
    {
        var exception = new TaskFailedException(task, taskId, ToDetails());
        if (Final == true)
            exception.Data[FinalMark] = true;
        return exception;
    }

    /// <summary>Whether trying again cannot help, as when no such task exists.</summary>
    public static bool IsFinal(Exception exception) => exception.Data.Contains(FinalMark);
}

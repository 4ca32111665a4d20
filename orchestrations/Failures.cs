using Microsoft.DurableTask;

namespace AiOs.Orchestrations;

/// <summary>What an orchestrator says about an exception that ends a run. Cancellation is never caught: it is the engine's, and the sweep closes what it leaves open.</summary>
static class Failures
{
    const int Most = 500;

    /// <summary>The message, that of the activity where one failed, at most 500 characters.</summary>
    public static string Reason(Exception failure) => Short(failure is TaskFailedException task ? task.FailureDetails.ErrorMessage : failure.Message);

    /// <summary>At most 500 characters of <paramref name="text"/>.</summary>
    public static string Short(string text) => text.Length <= Most ? text : text[..Most];
}

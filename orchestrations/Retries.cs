using AiOs.Agents.Intent;
using Microsoft.DurableTask;

namespace AiOs.Orchestrations;

/// <summary>How orchestrators repeat activities. Only infrastructure is retried here: what an app declares (a connector's retries) is done inside the activity.</summary>
static class Retries
{
    /// <summary>A store or a model that is away for a moment: four attempts within about two seconds.</summary>
    public static readonly TaskOptions Infrastructure = TaskOptions.FromRetryPolicy(new RetryPolicy(4, TimeSpan.FromMilliseconds(250), 2.0));

    /// <summary>As <see cref="Infrastructure"/>, for training, which may take an hour: examples that cannot be trained, or not in the time that a function has, are not trained again to fail again.</summary>
    public static readonly TaskOptions Training = TaskOptions.FromRetryPolicy(new RetryPolicy(4, TimeSpan.FromMilliseconds(250), 2.0) { HandleFailure = MayPass });

    /// <summary>The end of a run must be written: attempts for about an hour, at most two minutes apart.</summary>
    public static readonly TaskOptions Insist = TaskOptions.FromRetryPolicy(new RetryPolicy(40, TimeSpan.FromMilliseconds(250), 2.0, TimeSpan.FromMinutes(2)));

    static bool MayPass(TaskFailureDetails failure) => !failure.IsCausedBy<UntrainableException>() && !failure.ErrorType.EndsWith("FunctionTimeoutException", StringComparison.Ordinal);
}

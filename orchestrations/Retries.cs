using Microsoft.DurableTask;

namespace AiOs.Orchestrations;

/// <summary>How orchestrators repeat activities. Only infrastructure is retried here: what an app declares (a connector's retries) is done inside the activity.</summary>
static class Retries
{
    /// <summary>A store or a model that is away for a moment: four attempts within about two seconds.</summary>
    public static readonly TaskOptions Infrastructure = TaskOptions.FromRetryPolicy(new RetryPolicy(4, TimeSpan.FromMilliseconds(250), 2.0));

    /// <summary>The end of a run must be written: attempts for about an hour, at most two minutes apart.</summary>
    public static readonly TaskOptions Insist = TaskOptions.FromRetryPolicy(new RetryPolicy(40, TimeSpan.FromMilliseconds(250), 2.0, TimeSpan.FromMinutes(2)));
}

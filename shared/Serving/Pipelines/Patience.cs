using AiOs.Serving.Backends;
using AiOs.Serving.Chat;
using AiOs.Serving.Routing;
using Polly;

namespace AiOs.Serving.Pipelines;

/// <summary>Tells an endpoint that hangs from a caller in a hurry, for the circuit breaker around it: an attempt that is given up after as long as an attempt may take timed out, whoever gave it up;
/// one that its caller's own shorter deadline ended says nothing about the endpoint.</summary>
sealed class Patience(DeploymentSettings settings, TimeProvider clock) : ResilienceStrategy<BackendReply>
{
    /// <summary>What timers, and what goes before an attempt, may take of it.</summary>
    const double Nearly = 0.95;

    protected override async ValueTask<Outcome<BackendReply>> ExecuteCore<TState>(Func<ResilienceContext, TState, ValueTask<Outcome<BackendReply>>> callback, ResilienceContext context, TState state)
    {
        var whole = context.Properties.GetValue(Attempts.Key, null!).Call.Longest;
        var most = settings.Timeout < whole ? settings.Timeout : whole;
        var began = clock.GetTimestamp();
        var outcome = await callback(context, state);
        return outcome.Exception is OperationCanceledException && clock.GetElapsedTime(began) >= most * Nearly
            ? Outcome.FromException<BackendReply>(new ModelException(ModelFailure.TimedOut, "The time was up."))
            : outcome;
    }
}

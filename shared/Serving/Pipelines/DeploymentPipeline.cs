using AiOs.Serving.Backends;
using AiOs.Serving.Chat;
using AiOs.Serving.Costs;
using AiOs.Serving.Routing;
using Polly;
using Polly.CircuitBreaker;
using Polly.Hedging;
using Polly.Retry;
using Polly.Timeout;

namespace AiOs.Serving.Pipelines;

/// <summary>How one deployment is asked: hedging where configured, retries, the door, the circuit breaker, patience, the time of one attempt; from the outside in.</summary>
sealed class DeploymentPipeline
{
    readonly ResiliencePipeline<BackendReply> single, hedged;
    readonly CircuitBreakerStateProvider breaker = new();
    readonly DeploymentSettings settings;

    public DeploymentPipeline(Deployment deployment, Slots slots, TimeProvider clock)
    {
        settings = deployment.Settings;
        var builder = Builder(clock);
        if (settings.Retries > 0)
            builder.AddRetry(Retry());
        single = builder
            .AddStrategy(_ => new Door(deployment, slots, clock), new DoorOptions())
            .AddCircuitBreaker(new CircuitBreakerStrategyOptions<BackendReply>
            {
                FailureRatio = settings.Breaker.Share,
                MinimumThroughput = Math.Max(2, settings.Breaker.Calls),
                SamplingDuration = settings.Breaker.Within,
                BreakDuration = settings.Breaker.Rest,
                StateProvider = breaker,
                ShouldHandle = static args => new(args.Outcome.Exception is TimeoutRejectedException or ModelException { Failure: ModelFailure.Unavailable or ModelFailure.Broken or ModelFailure.TimedOut }),
            })
            .AddStrategy(_ => new Patience(settings, clock), new PatienceOptions())
            .AddTimeout(new TimeoutStrategyOptions { Timeout = settings.Timeout })
            .Build();
        hedged = settings.HedgeAfter is not { } after ? single : Builder(clock)
            .AddHedging(new HedgingStrategyOptions<BackendReply>
            {
                Delay = after,
                MaxHedgedAttempts = 1,
                ShouldHandle = static args => new(args.Outcome.Exception is ModelException { CanRetry: true } or TimeoutRejectedException or PassedOverException or BrokenCircuitException or BudgetExceededException),   // a hedge that is not made leaves the first attempt alone
            })
            .AddPipeline(single).Build();
    }

    /// <summary>Whether its breaker lets calls through: all, one that tries, or none.</summary>
    public CircuitState Breaker => breaker.CircuitState;

    /// <summary>Asks, as often as it takes.</summary>
    /// <exception cref="ModelException">It did not answer.</exception>
    /// <exception cref="PassedOverException">It was not asked.</exception>
    public async ValueTask<BackendReply> AskAsync(Attempts attempts, CancellationToken cancellationToken)
    {
        var context = ResilienceContextPool.Shared.Get(cancellationToken);
        context.Properties.Set(Attempts.Key, attempts);
        try
        {
            return await (attempts.Stream ? single : hedged).ExecuteAsync(static (context, attempts) => attempts.Deployment.AskOnceAsync(attempts, context.CancellationToken), context, attempts);
        }
        catch (BrokenCircuitException)
        {
            throw new PassedOverException(PassReason.CircuitOpen);
        }
        catch (TimeoutRejectedException)
        {
            throw new ModelException(ModelFailure.TimedOut, "The time of an attempt was up.");
        }
        finally
        {
            ResilienceContextPool.Shared.Return(context);
        }
    }

    RetryStrategyOptions<BackendReply> Retry() => new()
    {
        MaxRetryAttempts = settings.Retries,
        BackoffType = DelayBackoffType.Exponential,
        UseJitter = true,
        Delay = settings.Pause,
        ShouldHandle = args => new(args.Outcome.Exception is ModelException { CanRetry: true } failed && args.Context.Properties.TryGetValue(Attempts.Key, out var asked) && IsWorthIt(failed, asked)),
        DelayGenerator = static args => new((args.Outcome.Exception as ModelException)?.RetryAfter),   // null: the pause with jitter
    };

    /// <summary>Not where its caller repeats by itself, where there is no time for it, or where somebody else can be asked sooner.</summary>
    bool IsWorthIt(ModelException failed, Attempts asked)
    {
        var pause = failed.RetryAfter ?? settings.Pause;
        return !asked.Call.Terms.Once && pause + asked.Deployment.Least < asked.Call.Left && (asked.IsLast || pause <= settings.Pause * 4);
    }

    static ResiliencePipelineBuilder<BackendReply> Builder(TimeProvider clock) => new() { TimeProvider = clock };

    sealed class DoorOptions : ResilienceStrategyOptions;

    sealed class PatienceOptions : ResilienceStrategyOptions;
}

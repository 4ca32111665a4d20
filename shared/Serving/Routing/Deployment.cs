using AiOs.Serving.Backends;
using AiOs.Serving.Chat;
using AiOs.Serving.Pipelines;

namespace AiOs.Serving.Routing;

/// <summary>A deployment at work: its places, its breaker, how fast it has been.</summary>
sealed class Deployment
{
    /// <summary>An endpoint that asks for more patience is asked again after this time.</summary>
    static readonly TimeSpan LongestRest = TimeSpan.FromMinutes(5);

    /// <summary>How many answers it takes to know how fast it is.</summary>
    const int Enough = 20;

    readonly IBackend backend;
    readonly DeploymentPipeline pipeline;
    readonly TimeProvider clock;
    readonly int longest;
    long fastest, restsUntil;
    int answers;

    public Deployment(DeploymentSettings settings, int longest, IBackend backend, TimeProvider clock)
    {
        (Settings, this.longest, this.backend, this.clock) = (settings, longest, backend, clock);
        pipeline = new DeploymentPipeline(this, new Slots(settings.Concurrency, settings.Queue), clock);
    }

    public DeploymentSettings Settings { get; }

    /// <summary>With less time left it is not asked.</summary>
    public TimeSpan Least => Settings.Expected ?? (Volatile.Read(ref answers) < Enough ? TimeSpan.Zero : new TimeSpan(Interlocked.Read(ref fastest) / 2));

    /// <summary>Whether it asked not to be asked yet.</summary>
    public bool Rests => clock.GetUtcNow().UtcTicks < Interlocked.Read(ref restsUntil);

    /// <summary>Whether it is asked at the moment.</summary>
    public DeploymentState State => Rests ? DeploymentState.Rests : pipeline.Breaker switch { Polly.CircuitBreaker.CircuitState.Closed => DeploymentState.Asked, Polly.CircuitBreaker.CircuitState.HalfOpen => DeploymentState.Tried, _ => DeploymentState.Open };

    /// <summary>Asks, as often as it takes.</summary>
    /// <exception cref="ModelException">It did not answer.</exception>
    /// <exception cref="PassedOverException">It was not asked.</exception>
    public ValueTask<BackendReply> AskAsync(Attempts attempts, CancellationToken cancellationToken) => Rests
        ? throw new ModelException(ModelFailure.Throttled, "The endpoint asked for patience.", new DateTimeOffset(Interlocked.Read(ref restsUntil), TimeSpan.Zero) - clock.GetUtcNow())
        : pipeline.AskAsync(attempts, cancellationToken);

    /// <summary>One attempt: its cost is set aside before and counted after.</summary>
    public async ValueTask<BackendReply> AskOnceAsync(Attempts attempts, CancellationToken cancellationToken)
    {
        var bill = await attempts.Call.OpenAsync(this, cancellationToken);
        var began = clock.GetTimestamp();
        try
        {
            var reply = await backend.AskAsync(attempts.Request, longest, attempts.Stream, cancellationToken);
            if (reply is not StreamReply)
                Learn(clock.GetElapsedTime(began));
            switch (reply)
            {
                case WholeReply whole:
                    bill.Pay(whole.Reply.InputTokens, whole.Reply.OutputTokens, whole.Reply.Characters, whole.Reply.CachedTokens);
                    break;
                case VectorReply vectors:
                    bill.Pay(vectors.Tokens, 0, 0);
                    break;
                case TensorReply:
                    bill.Pay(0, 0, 0);
                    break;
                case StreamReply:
                    attempts.Call.Streamed = bill;
                    break;
            }
            return reply;
        }
        catch (ModelException e)
        {
            if (e is { Failure: ModelFailure.Throttled, RetryAfter: { } wait } && wait > Settings.Pause)
                Interlocked.Exchange(ref restsUntil, (clock.GetUtcNow() + (wait < LongestRest ? wait : LongestRest)).UtcTicks);
            if (e is { HasWorked: false, Failure: ModelFailure.Throttled or ModelFailure.Unavailable or ModelFailure.Rejected or ModelFailure.Filtered })
                bill.Dispose();
            else
                bill.Pay(null, null, 0);
            throw;
        }
        catch
        {
            bill.Pay(null, null, 0);   // it may have worked on it
            throw;
        }
    }

    /// <summary>Keeps the fastest of the recent answers: a slower one raises it by a little.</summary>
    void Learn(TimeSpan took)
    {
        Interlocked.Increment(ref answers);
        var known = Interlocked.Read(ref fastest);
        Interlocked.Exchange(ref fastest, known == 0 || took.Ticks < known ? took.Ticks : known + ((took.Ticks - known) / 64));
    }
}

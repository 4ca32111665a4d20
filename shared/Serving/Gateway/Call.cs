using System.Diagnostics;
using System.Security.Cryptography;
using AiOs.DataPlane;
using AiOs.Serving.Calls;
using AiOs.Serving.Chat;
using AiOs.Serving.Costs;
using AiOs.Serving.Pipelines;
using AiOs.Serving.Routing;
using AiOs.Serving.Wire;
using AiOs.Telemetry;

namespace AiOs.Serving.Gateway;

/// <summary>One call of a logical model from its beginning to its end, and what is known of it.</summary>
sealed class Call
{
    readonly ModelRoute route;
    readonly WireRequest request;
    readonly Budgets budgets;
    readonly ICallLog log;
    readonly TimeProvider clock;
    readonly long began;
    readonly TimeSpan within;
    readonly Lock gate = new();   // hedged attempts report at the same time
    readonly List<Fallback> fallbacks = [];
    readonly Activity? span;
    ModelUsage usage = ModelUsage.None;
    TimeSpan? queued, firstPiece;
    int attempts, noted;

    public Call(ModelRoute route, WireRequest request, CallTerms terms, Budgets budgets, ICallLog log, TimeProvider clock, bool shadow = false)
    {
        (this.route, this.request, Terms, this.budgets, this.log, this.clock, Shadow) = (route, request, terms, budgets, log, clock, shadow);
        (began, Began) = (clock.GetTimestamp(), clock.GetUtcNow());
        within = terms.Within is { } asked && asked < route.Settings.Timeout ? asked : route.Settings.Timeout;
        Spender = shadow ? new Spender(CallTerms.NoApp, "system", route.Name) : new Spender(terms.App, terms.Principal, route.Name);
        span = GenAiSpans.Begin(Operation, route.Name, request.MaxTokens);
    }

    /// <summary>Unique.</summary>
    public string Id => field ??= Base32.Encode(RandomNumberGenerator.GetBytes(15));

    string Operation => request.Kind switch { CallKind.Chat => GenAiNames.Chat, CallKind.Embeddings => GenAiNames.Embeddings, _ => GenAiNames.Infer };

    /// <summary>What is paid for by its length: tensors have no tokens.</summary>
    long Length => request.Kind == CallKind.Tensors ? 0 : request.Length;

    public CallTerms Terms { get; }

    public TimeProvider Clock => clock;

    public DateTimeOffset Began { get; }

    public Spender Spender { get; }

    public bool Shadow { get; }

    /// <summary>How long a call of the model may take where its caller has the time.</summary>
    public TimeSpan Longest => route.Settings.Timeout;

    /// <summary>How much of its time is left.</summary>
    public TimeSpan Left => within - clock.GetElapsedTime(began);

    /// <summary>Who was asked last.</summary>
    public Deployment? Deployment { get; private set; }

    /// <summary>The bill of the stream that is under way.</summary>
    public Bill? Streamed { get; set; }

    /// <summary>Whether a soft budget is exceeded.</summary>
    public bool SoftExceeded { get; private set; }

    /// <summary>The version of the model that answered, where it says one.</summary>
    public string? Version { get; set; }

    /// <summary>Why the last attempt failed.</summary>
    public ModelException? Cause { get; private set; }

    ModelFailure? Failure => Cause?.Failure;

    /// <summary>What the last failure wants to be waited for.</summary>
    public TimeSpan? RetryAfter { get; private set; }

    /// <summary>What all attempts together used.</summary>
    public ModelUsage Usage
    {
        get
        {
            lock (gate)
                return usage;
        }
    }

    public void Used(ModelUsage more)
    {
        lock (gate)
            usage = usage.Plus(more);
    }

    public void Waited(TimeSpan time)
    {
        if (time > TimeSpan.FromTicks(TimeSpan.TicksPerMillisecond / 10))
            lock (gate)
                queued = (queued ?? TimeSpan.Zero) + time;
    }

    public void FirstPiece() => firstPiece ??= clock.GetElapsedTime(began);

    /// <summary>Sets aside what an attempt may cost.</summary>
    /// <exception cref="BudgetExceededException">A hard budget does not cover it.</exception>
    public async ValueTask<Bill> OpenAsync(Deployment deployment, CancellationToken cancellationToken)
    {
        var settings = deployment.Settings;
        var longest = request.Kind == CallKind.Chat ? (long)(request.MaxTokens ?? route.Settings.MaxTokens) * request.Choices : 0;
        var reservation = await budgets.ReserveAsync(Spender, settings.Prices?.MostOf(Length + (request.Images * (long)route.Settings.ImageTokens), longest, settings.Timeout < within ? settings.Timeout : within) ?? 0, cancellationToken);   // a token is at least a byte
        SoftExceeded |= reservation.SoftExceeded;
        lock (gate)
            attempts++;
        return new Bill(this, settings.Prices, Length, reservation);
    }

    /// <summary>Notes who is asked now.</summary>
    public void Asks(Deployment deployment) => Deployment = deployment;

    /// <summary>Notes why a deployment did not answer.</summary>
    public void PassOver(Deployment deployment, Exception why)
    {
        if (why is ModelException failed)
            (Cause, RetryAfter) = (failed, failed.RetryAfter ?? RetryAfter);
        fallbacks.Add(new(deployment.Settings.Name, why is PassedOverException passed ? passed.Reason.ToString() : Failure.ToString()!));
    }

    /// <summary>Notes that the request is to blame: nobody was passed over.</summary>
    public void Blame(ModelException why) => Cause = why;

    /// <summary>Ends it: once, whatever its end.</summary>
    /// <param name="end">Where the answer came from.</param>
    /// <param name="output">The masked answer.</param>
    /// <param name="finish">Why the model stopped.</param>
    /// <param name="failure">Why there is no answer, or no whole one.</param>
    public void End(CallEnd end, string? output = null, string? finish = null, ModelFailure? failure = null)
    {
        if (Interlocked.Exchange(ref noted, 1) != 0)
            return;
        var facts = new CallFacts
        {
            CallId = Id,
            Kind = request.Kind,
            Spender = Spender,
            Deployment = Deployment?.Settings.Name,
            ModelVersion = Version ?? Deployment?.Settings.Version,
            RunId = Terms.RunId,
            Step = Terms.Step,
            Began = Began,
            Took = clock.GetElapsedTime(began),
            Queued = queued,
            FirstPiece = firstPiece,
            Attempts = attempts,
            Usage = Usage,
            End = end,
            Fallbacks = [.. fallbacks],
            Failure = failure ?? (end == CallEnd.Answered ? null : Failure),
            Shadow = Shadow,
            Sensitive = Terms.Sensitive,
            Input = Terms.Sensitive ? null : System.Text.Encoding.UTF8.GetString(request.Masked),
            Output = Terms.Sensitive ? null : output,
        };
        var settings = Deployment?.Settings;
        GenAiSpans.End(span, settings?.Model, settings?.Url, finish, new(facts.Usage.InputTokens, facts.Usage.OutputTokens, facts.Usage.Estimated, facts.Usage.Cost, facts.Deployment, AiOsJson.Options.PropertyNamingPolicy!.ConvertName(end.ToString()), fallbacks.Count, end == CallEnd.Failed ? facts.Failure?.ToString() ?? "other" : null) { IsOwn = request.Kind == CallKind.Tensors, Version = facts.ModelVersion });
        log.Note(facts);
    }
}

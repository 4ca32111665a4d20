using AiOs.Serving.Backends;
using AiOs.Serving.Calls;
using AiOs.Serving.Chat;
using AiOs.Serving.Costs;
using AiOs.Serving.Pipelines;
using AiOs.Serving.Routing;
using AiOs.Serving.Wire;

namespace AiOs.Serving.Gateway;

/// <summary>The one way to every model. A logical name resolves to deployments, which are asked one after the other until one answers; then to what is kept in the cache, and at last to what the
/// operator says for such a case. Money is set aside before each attempt; every call is noted, whatever its end.</summary>
public sealed class ModelGateway
{
    readonly ModelList models;
    readonly Budgets budgets;
    readonly ICallLog log;
    readonly AnswerCache cache;
    readonly Shadows shadows;
    readonly Outputs outputs;
    readonly TimeProvider clock;

    internal ModelGateway(ModelList models, Budgets budgets, ICallLog log, AnswerCache cache, Shadows shadows, Outputs outputs, TimeProvider clock) =>
        (this.models, this.budgets, this.log, this.cache, this.shadows, this.outputs, this.clock) = (models, budgets, log, cache, shadows, outputs, clock);

    /// <summary>The models by name.</summary>
    public IEnumerable<RouteSettings> Models => models.All.Select(route => route.Settings);

    /// <summary>What the operator says about a model; null where there is none of that name.</summary>
    public RouteSettings? Find(string name) => models.Find(name)?.Settings;

    /// <summary>Whether the deployments of a model are asked at the moment, in their order.</summary>
    public IReadOnlyList<DeploymentState> States(string name) => models.Find(name) is { } route ? [.. route.Deployments.Select(deployment => deployment.State)] : [];

    /// <summary>A whole chat completion.</summary>
    /// <param name="request">What is asked; nothing unmasked.</param>
    /// <param name="terms">Who asks.</param>
    /// <param name="cancellationToken">The caller hung up: whoever answers is told so.</param>
    /// <exception cref="ModelUnavailableException">Nobody answered.</exception>
    /// <exception cref="BudgetExceededException">A hard budget does not cover it.</exception>
    /// <exception cref="WireException">There is no such model, or it takes no such request.</exception>
    public async ValueTask<ChatAnswer> ChatAsync(WireRequest request, CallTerms terms, CancellationToken cancellationToken)
    {
        var (route, call) = Open(request, terms);
        try
        {
            if (await cache.FirstAsync(route, request, terms, cancellationToken) is { } kept)
                return Kept(call, route, kept);
            shadows.Copy(route, request, terms);
            if (await AskAsync(route, request, call, stream: false, cancellationToken) is WholeReply whole)
            {
                var named = whole.Reply.Named(whole.Json, route.QuotedName);
                if (whole.Reply.Finish == "stop")
                    cache.Keep(route, request, terms, named);
                call.End(CallEnd.Answered, terms.Sensitive ? null : await outputs.MaskAsync(terms.App, named, whole.Reply.IsTelling, cancellationToken), whole.Reply.Finish);
                return new ChatAnswer(named, call.Id, call.Deployment!.Settings.Name, CallEnd.Answered, call.Usage, call.SoftExceeded);
            }
            return await cache.LastAsync(route, request, terms, cancellationToken) is { } older ? Kept(call, route, older) : Degraded(call, route);
        }
        finally
        {
            call.End(CallEnd.Failed, failure: cancellationToken.IsCancellationRequested ? ModelFailure.Interrupted : null);
        }
    }

    /// <summary>A chat completion in pieces; the first is there when this returns.</summary>
    /// <inheritdoc cref="ChatAsync"/>
    public async ValueTask<ChatStream> StreamAsync(WireRequest request, CallTerms terms, CancellationToken cancellationToken)
    {
        var (route, call) = Open(request, terms);
        var begun = false;
        try
        {
            if (await cache.FirstAsync(route, request, terms, cancellationToken) is { } kept)
                return ChatStream.Of(Kept(call, route, kept));
            shadows.Copy(route, request, terms);
            if (await AskAsync(route, request, call, stream: true, cancellationToken) is StreamReply reply)
            {
                call.FirstPiece();
                begun = true;
                return new ChatStream(call, route, request, reply, cache, outputs);
            }
            return ChatStream.Of(await cache.LastAsync(route, request, terms, cancellationToken) is { } older ? Kept(call, route, older) : Degraded(call, route));
        }
        finally
        {
            if (!begun)
                call.End(CallEnd.Failed, failure: cancellationToken.IsCancellationRequested ? ModelFailure.Interrupted : null);
        }
    }

    /// <summary>Vectors of texts.</summary>
    /// <inheritdoc cref="ChatAsync"/>
    public async ValueTask<VectorAnswer> EmbedAsync(WireRequest request, CallTerms terms, CancellationToken cancellationToken)
    {
        var (route, call) = Open(request, terms);
        try
        {
            shadows.Copy(route, request, terms);
            if (await AskAsync(route, request, call, stream: false, cancellationToken) is not VectorReply reply)
                throw Unavailable(call, route);
            call.Version = await outputs.VersionAsync(terms.App, reply.Version, cancellationToken);
            call.End(CallEnd.Answered);
            return new VectorAnswer(reply.Vectors, route.Name, call.Id, call.Deployment!.Settings.Name, call.Usage, call.SoftExceeded);
        }
        finally
        {
            call.End(CallEnd.Failed, failure: cancellationToken.IsCancellationRequested ? ModelFailure.Interrupted : null);
        }
    }

    /// <summary>Tensors by name: scores, classes.</summary>
    /// <inheritdoc cref="ChatAsync"/>
    public async ValueTask<TensorAnswer> InferAsync(WireRequest request, CallTerms terms, CancellationToken cancellationToken)
    {
        var (route, call) = Open(request, terms);
        try
        {
            shadows.Copy(route, request, terms);
            if (await AskAsync(route, request, call, stream: false, cancellationToken) is not TensorReply reply)
                throw Unavailable(call, route);
            call.Version = await outputs.VersionAsync(terms.App, reply.Version, cancellationToken);
            var json = TensorWire.Write(route.Name, reply.Version, request.Tensors.Id, reply.Outputs);
            call.End(CallEnd.Answered, await outputs.MaskAsync(terms, reply, json, cancellationToken));
            return new TensorAnswer(json, call.Id, call.Deployment!.Settings.Name, reply.Version, call.Usage, call.SoftExceeded);
        }
        finally
        {
            call.End(CallEnd.Failed, failure: cancellationToken.IsCancellationRequested ? ModelFailure.Interrupted : null);
        }
    }

    (ModelRoute Route, Call Call) Open(WireRequest request, CallTerms terms)
    {
        var route = models.Find(request.Model) ?? throw new UnknownModelException(request.Model);
        if (route.Settings.Kind != request.Kind)
            throw new WireException("model", route.Settings.Kind switch { CallKind.Chat => "answers chat completions: POST /v1/chat/completions.", CallKind.Embeddings => "gives embeddings: POST /v1/embeddings.", _ => $"takes tensors: POST /api/models/{route.Name}/infer." });
        if (request.MaxTokens > route.Settings.MaxTokens)
            throw new WireException("max_tokens", $"may be at most {route.Settings.MaxTokens} for this model.");
        return (route, new Call(route, request, terms, budgets, log, clock));
    }

    /// <summary>Asks one deployment after the other; null where none answered.</summary>
    /// <exception cref="ModelException">The request itself is to blame.</exception>
    async ValueTask<BackendReply?> AskAsync(ModelRoute route, WireRequest request, Call call, bool stream, CancellationToken cancellationToken)
    {
        var targets = route.Targets(call.Terms.Sticky);
        using var time = new CancellationTokenSource(call.Left, clock);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(time.Token, cancellationToken);
        for (var i = 0; i < targets.Count; i++)
        {
            call.Asks(targets[i]);
            try
            {
                return await targets[i].AskAsync(new(call, targets[i], request, stream, i == targets.Count - 1), both.Token);
            }
            catch (ModelException e) when (!e.IsRequests)
            {
                call.PassOver(targets[i], e);
            }
            catch (ModelException e)
            {
                call.Blame(e);
                throw new ModelUnavailableException(route.Name, e, call.Usage);
            }
            catch (PassedOverException e)
            {
                call.PassOver(targets[i], e);
            }
            catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
            {
                call.PassOver(targets[i], new ModelException(ModelFailure.TimedOut, "The time was up."));
            }
        }
        return null;
    }

    static ChatAnswer Kept(Call call, ModelRoute route, KeptAnswer kept)
    {
        call.End(kept.ByMeaning ? CallEnd.CachedByMeaning : CallEnd.Cached);
        return new ChatAnswer(kept.Json, call.Id, null, kept.ByMeaning ? CallEnd.CachedByMeaning : CallEnd.Cached, call.Usage, call.SoftExceeded);
    }

    ChatAnswer Degraded(Call call, ModelRoute route)
    {
        if (route.Settings.Degraded is not { } words)
            throw Unavailable(call, route);
        call.End(CallEnd.Degraded);
        return new ChatAnswer(WireAnswers.Whole(call.Id, call.Began, route.Name, words), call.Id, null, CallEnd.Degraded, call.Usage, call.SoftExceeded);
    }

    static ModelUnavailableException Unavailable(Call call, ModelRoute route) => new(route.Name, call.Cause, call.Usage, call.RetryAfter);
}

using AiOs.Serving.Backends;
using AiOs.Serving.Calls;
using AiOs.Serving.Chat;
using AiOs.Serving.Costs;
using AiOs.Serving.Pipelines;
using AiOs.Serving.Routing;
using AiOs.Serving.Wire;

namespace AiOs.Serving.Gateway;

/// <summary>Copies of calls for shadow deployments. What they answer is recorded and goes to nobody; what they do wrong touches no caller. The installation pays for them, not who asked.</summary>
sealed class Shadows(Budgets budgets, ICallLog log, Outputs outputs, TimeProvider clock) : IAsyncDisposable
{
    /// <summary>Further copies are not made.</summary>
    const int MostAtOnce = 64;

    readonly CancellationTokenSource closing = new();
    readonly HashSet<Task> underWay = [];
    readonly Lock gate = new();

    /// <summary>Sends copies on their way, each to its share of the calls.</summary>
    public void Copy(ModelRoute route, WireRequest request, CallTerms terms)
    {
        foreach (var shadow in route.Shadows)
            if (shadow.Settings.Share >= 1 || Random.Shared.NextDouble() < shadow.Settings.Share)
                Start(route, shadow, request, terms);
    }

    void Start(ModelRoute route, Deployment shadow, WireRequest request, CallTerms terms)
    {
        lock (gate)
        {
            if (underWay.Count >= MostAtOnce || closing.IsCancellationRequested)
                return;
            var copy = Task.Run(() => AskAsync(route, shadow, request, terms with { Within = null, Once = true }), CancellationToken.None);
            underWay.Add(copy);
            _ = copy.ContinueWith(Forget, CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
        }
    }

    void Forget(Task copy)
    {
        lock (gate)
            underWay.Remove(copy);
    }

    async Task AskAsync(ModelRoute route, Deployment shadow, WireRequest request, CallTerms terms)
    {
        var call = new Call(route, request, terms, budgets, log, clock, shadow: true);
        call.Asks(shadow);
        try
        {
            using var time = new CancellationTokenSource(call.Left, clock);
            using var both = CancellationTokenSource.CreateLinkedTokenSource(time.Token, closing.Token);
            var reply = await shadow.AskAsync(new(call, shadow, request, Stream: false, IsLast: true), both.Token);
            call.Version = await outputs.VersionAsync(terms.App, (reply as VectorReply)?.Version ?? (reply as TensorReply)?.Version, both.Token);
            call.End(CallEnd.Answered, reply switch
            {
                WholeReply whole when !terms.Sensitive => await outputs.MaskAsync(terms.App, whole.Json, whole.Reply.IsTelling, both.Token),
                TensorReply tensors => await outputs.MaskAsync(terms, tensors, TensorWire.Write(route.Name, tensors.Version, null, tensors.Outputs), both.Token),
                _ => null,
            }, (reply as WholeReply)?.Reply.Finish);
        }
        catch (ModelException e) when (e.IsRequests)
        {
            call.Blame(e);
        }
        catch (Exception e) when (e is ModelException or WireException or PassedOverException or BudgetExceededException or OperationCanceledException)
        {
            call.PassOver(shadow, e is OperationCanceledException ? new ModelException(ModelFailure.TimedOut, "The time was up.") : e is BudgetExceededException ? new PassedOverException(PassReason.Saturated) : e);
        }
        finally
        {
            call.End(CallEnd.Failed);
        }
    }

    /// <summary>Ends those under way.</summary>
    public async ValueTask DisposeAsync()
    {
        await closing.CancelAsync();
        Task[] left;
        lock (gate)
            left = [.. underWay];
        await Task.WhenAll(left).ContinueWith(static _ => { }, CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default);
        closing.Dispose();
    }
}

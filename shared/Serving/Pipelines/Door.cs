using AiOs.Serving.Backends;
using AiOs.Serving.Routing;
using Polly;

namespace AiOs.Serving.Pipelines;

/// <summary>The last step before an attempt: it takes a place, and no attempt begins that cannot finish in what is left. A stream keeps its place until its end.</summary>
sealed class Door(Deployment deployment, Slots slots, TimeProvider clock) : ResilienceStrategy<BackendReply>
{
    protected override async ValueTask<Outcome<BackendReply>> ExecuteCore<TState>(Func<ResilienceContext, TState, ValueTask<Outcome<BackendReply>>> callback, ResilienceContext context, TState state)
    {
        var call = context.Properties.GetValue(Attempts.Key, null!).Call;
        var came = clock.GetTimestamp();
        if (call.Left < deployment.Least)
            return Outcome.FromException<BackendReply>(new PassedOverException(PassReason.NoTime));
        IDisposable? place;
        try
        {
            place = await slots.TakeAsync(context.CancellationToken);
        }
        catch (OperationCanceledException e)
        {
            return Outcome.FromException<BackendReply>(e);
        }
        if (place is null)
            return Outcome.FromException<BackendReply>(new PassedOverException(PassReason.Saturated));
        call.Waited(clock.GetElapsedTime(came));
        if (call.Left < deployment.Least)
        {
            place.Dispose();
            return Outcome.FromException<BackendReply>(new PassedOverException(PassReason.NoTime));
        }
        try
        {
            var outcome = await callback(context, state);
            if (outcome.Result is StreamReply stream)
            {
                stream.Hold(place);
                place = null;
            }
            return outcome;
        }
        finally
        {
            place?.Dispose();
        }
    }
}

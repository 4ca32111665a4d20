namespace AiOs.Serving.Pipelines;

/// <summary>A deployment's places: so many calls at once, so many more that wait, in their order; the rest is turned away at once.</summary>
sealed class Slots(int places, int queue)
{
    readonly SemaphoreSlim free = new(places, places);
    int waiting;

    /// <summary>A place, to be disposed of once; null where too many wait already.</summary>
    public async ValueTask<IDisposable?> TakeAsync(CancellationToken cancellationToken)
    {
        if (!free.Wait(0, CancellationToken.None))
        {
            try
            {
                if (Interlocked.Increment(ref waiting) > queue)
                    return null;
                await free.WaitAsync(cancellationToken);
            }
            finally
            {
                Interlocked.Decrement(ref waiting);
            }
        }
        return new Place(free);
    }

    sealed class Place(SemaphoreSlim free) : IDisposable
    {
        SemaphoreSlim? held = free;

        public void Dispose() => Interlocked.Exchange(ref held, null)?.Release();
    }
}

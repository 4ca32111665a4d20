namespace AiOs.Local.Durable;

/// <summary>Waits at a stop, off every hot path. In real time: a stop must end even when the clock of the timers stands still.</summary>
static class Drained
{
    static readonly TimeSpan look = TimeSpan.FromMilliseconds(5);

    /// <summary>Waits until <paramref name="done"/>, but not longer than <paramref name="atMost"/> or after <paramref name="cancellationToken"/>.</summary>
    public static async Task WaitAsync(Func<bool> done, TimeSpan atMost, CancellationToken cancellationToken)
    {
        var began = TimeProvider.System.GetTimestamp();
        while (!done() && !cancellationToken.IsCancellationRequested && TimeProvider.System.GetElapsedTime(began) < atMost)
            await Task.Delay(look, TimeProvider.System, CancellationToken.None);
    }
}

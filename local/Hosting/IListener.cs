namespace AiOs.Local.Hosting;

/// <summary>Waits for what starts functions.</summary>
interface IListener
{
    Task StartAsync(CancellationToken cancellationToken);

    /// <summary>Takes no new work, lets work end for <paramref name="drain"/> or until <paramref name="cancellationToken"/>, and gives back the rest.</summary>
    Task StopAsync(TimeSpan drain, CancellationToken cancellationToken);
}

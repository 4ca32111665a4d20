using AiOs.DataPlane.Queues;
using Microsoft.Extensions.Logging;

namespace AiOs.Local.Hosting.Queues;

/// <summary>A received message: its lease is renewed while it is worked on, and it ends by being deleted, hidden for another try, or given back.</summary>
sealed class MessageInWork(QueueMessage received, IQueue queues, TimeSpan lease, TimeProvider time, ILogger log)
{
    readonly SemaphoreSlim gate = new(1, 1);
    readonly CancellationTokenSource cancellation = new();
    readonly TaskCompletionSource ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    QueueMessage message = received;
    bool settled;

    public string Id => message.Id;

    public QueueMessage Message => message;

    /// <summary>Completes when nobody works on it any more.</summary>
    public Task Ended => ended.Task;

    /// <summary>Whether it was given back, so that how the work ends no longer matters.</summary>
    public bool GivenBack { get; private set; }

    /// <summary>Goes on under the receipt of a later delivery; false when the work is over.</summary>
    public bool Adopt(QueueMessage later)
    {
        if (settled)
            return false;
        message = later;
        return true;
    }

    /// <summary>Works on it, renewing its lease three times as often as it would run out.</summary>
    public async Task WorkAsync(Func<CancellationToken, Task> work)
    {
        using var renewing = new CancellationTokenSource();
        var renewal = RenewAsync(renewing.Token);
        try
        {
            await work(cancellation.Token);
        }
        finally
        {
            await renewing.CancelAsync();
            await renewal;
        }
    }

    /// <summary>Removes it.</summary>
    public Task DeleteAsync() => SettleAsync(async () =>
    {
        if (!await queues.DeleteAsync(message, CancellationToken.None))
            log.MessageLost(message.Id, message.Queue);
    });

    /// <summary>Hides it until the next try.</summary>
    public Task HideAsync(TimeSpan visibility) => SettleAsync(() => queues.RenewAsync(message, visibility, CancellationToken.None));

    /// <summary>Asks the work to stop and makes the message visible at once.</summary>
    public async Task GiveBackAsync()
    {
        GivenBack = true;
        await SettleAsync(() => queues.RenewAsync(message, TimeSpan.Zero, CancellationToken.None));
        await cancellation.CancelAsync();
    }

    public void End() => ended.TrySetResult();

    async Task SettleAsync(Func<Task> settle)
    {
        await gate.WaitAsync(CancellationToken.None);
        try
        {
            if (settled)
                return;
            settled = true;
            await settle();
        }
        finally
        {
            gate.Release();
        }
    }

    async Task RenewAsync(CancellationToken stop)
    {
        try
        {
            while (true)
            {
                await Task.Delay(lease / 3, time, stop);
                await gate.WaitAsync(stop);
                try
                {
                    if (settled)
                        return;
                    if (await queues.RenewAsync(message, lease, CancellationToken.None) is { } receipt)
                        message = message with { PopReceipt = receipt };
                }
                catch (Exception failure) when (failure is not OperationCanceledException)
                {
                    log.QueueUnreadable(failure, message.Queue, (lease / 3).TotalSeconds);
                }
                finally
                {
                    gate.Release();
                }
            }
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            // The work is over.
        }
    }
}

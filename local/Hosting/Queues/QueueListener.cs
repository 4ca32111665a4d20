using System.Collections.Concurrent;
using AiOs.DataPlane.Queues;
using AiOs.Local.Hosting.Discovery;
using Microsoft.Extensions.Logging;

namespace AiOs.Local.Hosting.Queues;

/// <summary>Works off one queue: receives batches as long as few enough messages are in work, and gives back at the end what is not done.</summary>
sealed class QueueListener(HostedFunction function, string queue, IQueue queues, MessageExecution execution, QueueSettings settings, TimeSpan lease, TimeProvider time, ILogger log)
    : IListener
{
    static readonly TimeSpan shortestWait = TimeSpan.FromMilliseconds(100);

    readonly ConcurrentDictionary<string, MessageInWork> working = new(StringComparer.Ordinal);
    readonly SemaphoreSlim ended = new(0);
    readonly CancellationTokenSource stopping = new();
    Task loop = Task.CompletedTask;

    public Task StartAsync(CancellationToken cancellationToken)
    {
        loop = Task.Run(ReceiveAsync, CancellationToken.None);
        return Task.CompletedTask;
    }

    public async Task StopAsync(TimeSpan drain, CancellationToken cancellationToken)
    {
        await stopping.CancelAsync();
        await loop;
        var inWork = Task.WhenAll(working.Values.Select(w => w.Ended));
        await Task.WhenAny(inWork, Task.Delay(drain, time, cancellationToken));
        var late = working.Values.ToList();
        foreach (var message in late)
            await message.GiveBackAsync();
        if (late.Count > 0)
            log.MessagesGivenBack(late.Count, queue);
        stopping.Dispose();
    }

    async Task ReceiveAsync()
    {
        var wait = shortestWait;
        while (!stopping.IsCancellationRequested)
        {
            try
            {
                while (working.Count > settings.NewBatchThreshold)
                    await ended.WaitAsync(stopping.Token);
                var messages = await queues.ReceiveAsync(queue, settings.BatchSize, lease, stopping.Token);
                foreach (var message in messages)
                    Begin(message);
                wait = messages.Count > 0 ? shortestWait : Longer(wait);
                if (messages.Count == 0)
                    await WaitAsync(wait);
            }
            catch (OperationCanceledException) when (stopping.IsCancellationRequested)
            {
                return;
            }
            catch (Exception failure)
            {
                wait = Longer(wait);
                log.QueueUnreadable(failure, queue, wait.TotalSeconds);
                await Task.WhenAny(Task.Delay(wait, time, stopping.Token));
            }
        }
    }

    void Begin(QueueMessage message)
    {
        // A message whose lease ran out while it was worked on (a machine that slept) comes again: the work goes on with the new receipt.
        if (working.TryGetValue(message.Id, out var present) && present.Adopt(message))
            return;
        var begun = new MessageInWork(message, queues, lease, time, log);
        working[message.Id] = begun;
        _ = WorkAsync(begun);
    }

    async Task WorkAsync(MessageInWork message)
    {
        await Task.Yield();
        try
        {
            await message.WorkAsync(token => execution.RunAsync(function, message, token));
        }
        catch (Exception failure)
        {
            // The message stays hidden until its lease ends and then comes back.
            log.QueueUnreadable(failure, queue, lease.TotalSeconds);
        }
        finally
        {
            working.TryRemove(KeyValuePair.Create(message.Id, message));
            message.End();
            ended.Release();
        }
    }

    // A queue of this process says when it has something; any other is looked at, less and less often.
    Task WaitAsync(TimeSpan wait) => queues is DatabaseQueue local
        ? local.WaitAsync(queue, settings.MaxPollingInterval, stopping.Token)
        : Task.Delay(wait, time, stopping.Token);

    TimeSpan Longer(TimeSpan wait) => wait * 2 < settings.MaxPollingInterval ? wait * 2 : settings.MaxPollingInterval;
}

using System.Globalization;
using AiOs.DataPlane.Queues;
using AiOs.Local.Hosting.Discovery;
using AiOs.Local.Hosting.Durable;
using AiOs.Local.Hosting.Invocations;
using Microsoft.Extensions.Logging;

namespace AiOs.Local.Hosting.Queues;

/// <summary>Runs a function for a message, and decides what becomes of the message: gone, tried again later, or poison.</summary>
sealed class MessageExecution(
    FunctionRunner runner, QueueOutputs outputs, DurableClientSource durable, IQueue queues, HostStore store, QueueSettings settings, ILogger<MessageExecution> log)
{
    const string PoisonSuffix = "-poison";
    const int ReasonLength = 1000;

    public async Task RunAsync(HostedFunction function, MessageInWork work, CancellationToken cancellationToken)
    {
        var message = work.Message;
        var canBePoison = !message.Queue.EndsWith(PoisonSuffix, StringComparison.Ordinal);
        if (canBePoison && message.DequeueCount > settings.MaxDequeueCount)
        {
            await PoisonAsync(function, work, "it was delivered as often as allowed and its work never ended: the host went down each time");
            return;
        }
        try
        {
            await using var invocation = runner.Prepare(function, InputOf(message), cancellationToken);
            durable.Offer(invocation);
            await runner.RunAsync(invocation);
            await outputs.SendAsync(invocation);
            await work.DeleteAsync();
        }
        catch (Exception failure)
        {
            if (work.GivenBack)
                return;
            var reason = $"{failure.GetType()}: {failure.Message}";
            if (canBePoison && message.DequeueCount >= settings.MaxDequeueCount)
            {
                await PoisonAsync(function, work, reason);
                return;
            }
            log.MessageFailed(message.Id, message.Queue, message.DequeueCount, reason);
            await work.HideAsync(settings.VisibilityTimeout);
        }
    }

    async Task PoisonAsync(HostedFunction function, MessageInWork work, string reason)
    {
        var message = work.Message;
        var poison = message.Queue + PoisonSuffix;
        var cut = reason.Length > ReasonLength ? reason[..ReasonLength] : reason;
        var id = await queues.SendAsync(poison, message.Body, delay: null, CancellationToken.None);
        await store.SavePoisonAsync(new(poison, id, message.Id, function.Name, message.DequeueCount, cut, default), CancellationToken.None);
        await work.DeleteAsync();
        log.MessagePoisoned(message.Id, message.Queue, message.DequeueCount, poison, cut);
    }

    static TriggerInput InputOf(QueueMessage message) => new(message.Body, new Dictionary<string, object?>(StringComparer.OrdinalIgnoreCase)
    {
        ["QueueTrigger"] = message.Body,
        ["Id"] = message.Id,
        ["PopReceipt"] = message.PopReceipt,
        ["DequeueCount"] = message.DequeueCount.ToString(CultureInfo.InvariantCulture),
        ["InsertionTime"] = message.InsertedAt.ToString("O", CultureInfo.InvariantCulture),
        ["NextVisibleTime"] = message.NextVisibleAt.ToString("O", CultureInfo.InvariantCulture),
    });
}

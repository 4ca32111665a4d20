using System.Collections;
using AiOs.DataPlane.Queues;
using AiOs.Local.Hosting.Discovery;
using AiOs.Local.Hosting.Invocations;
using Microsoft.Azure.Functions.Worker;
using Microsoft.Extensions.Options;

namespace AiOs.Local.Hosting.Queues;

/// <summary>Sends what functions return for their queue outputs: text as it is, bytes as UTF-8, lists one message an item, anything else by the worker's serializer.</summary>
sealed class QueueOutputs(IOptions<WorkerOptions> options, IQueue? queues = null)
{
    public async Task SendAsync(Invocation invocation)
    {
        foreach (var binding in invocation.Function.OutputBindings.Values.OfType<Binding>())
        {
            if (binding.Queue is not { } queue || invocation.Bindings.Output(binding) is not { } value)
                continue;
            foreach (var body in Bodies(value))
                await (queues ?? throw new InvalidOperationException($"No queue service is registered for the output of '{invocation.Function.Name}'."))
                    .SendAsync(queue, body, delay: null, CancellationToken.None);
        }
    }

    IEnumerable<string> Bodies(object value) => value switch
    {
        string text => [text],
        byte[] bytes => [BinaryData.FromBytes(bytes).ToString()],
        BinaryData bytes => [bytes.ToString()],
        IEnumerable items and not IDictionary => items.Cast<object?>().OfType<object>().SelectMany(Bodies),
        _ => [options.Value.Serializer!.Serialize(value, value.GetType(), CancellationToken.None).ToString()],
    };
}

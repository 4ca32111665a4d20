using System.Globalization;
using System.Text;
using Microsoft.Azure.Functions.Worker;

namespace AiOs.Local.Tests.Hosting;

public sealed class QueueFunctions(Recorder recorder, TimeProvider time)
{
    [Function("work")]
    public async Task Work([QueueTrigger("%WORK%")] Job job, FunctionContext context, long dequeueCount, string id)
    {
        recorder.Note($"begin {job.Name} {dequeueCount.ToString(CultureInfo.InvariantCulture)} {time.GetUtcNow():HH:mm:ss}{(id.Length > 0 ? "" : " no id")}");
        await recorder.OnJob(job, context.CancellationToken);
        recorder.Note($"end {job.Name}");
    }

    [Function("text")]
    public void Text([QueueTrigger("texts")] string text) => recorder.Note($"text {text}");

    [Function("bytes")]
    public void Bytes([QueueTrigger("bytes")] byte[] bytes) => recorder.Note($"bytes {Encoding.UTF8.GetString(bytes)}");

    [Function("binary")]
    public void Binary([QueueTrigger("binaries")] BinaryData data) => recorder.Note($"binary {data}");
}

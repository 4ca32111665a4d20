using System.Buffers;
using System.Diagnostics;
using System.Globalization;
using AiOs.Inference.Batching;
using AiOs.Models.Protocol;
using AiOs.Inference.Repository;
using AiOs.Telemetry;

namespace AiOs.Inference.Http;

/// <summary>Answers one inference: reads, checks, waits in line, writes. What the caller gave up on is left out of the next batch.</summary>
sealed class InferEndpoint(int maxBody, TimeProvider clock)
{
    [ThreadStatic]
    static ArrayBufferWriter<byte>? scratch;

    public async Task AnswerAsync(HttpContext context, ModelRepository repository, string name, string? wanted)
    {
        // Where logging is on, the web server has begun an activity of its own that nobody records; as a parent it would keep this one from being recorded.
        Activity.Current = null;
        using var span = AiOsTelemetry.Source.StartActivity("infer " + name, ActivityKind.Server, context.Request.Headers.TraceParent.ToString() is { Length: > 0 } parent ? AiOsTelemetry.Parent(parent) : default);
        var version = repository.Find(name).Version(wanted);
        var status = StatusCodes.Status499ClientClosedRequest;
        try
        {
            using var body = await RequestBody.ReadAsync(context, maxBody);
            var request = InferRequestReader.Read(body.Bytes, body.HeaderLength(context));
            var work = version.Layout.Prepare(request);
            CheckOutputs(request, version);
            while (!Enter(version, work, request))
                version = repository.Find(name).Version(wanted);   // replaced in this moment
            var outputs = await WaitAsync(context, version, work);
            Describe(span, version, work);
            await WriteAsync(context, version, request, outputs);
            status = StatusCodes.Status200OK;
        }
        catch (ProtocolException e)
        {
            status = e.Status;
            span?.SetStatus(ActivityStatusCode.Error, e.Message);
            throw;
        }
        catch (Exception e) when (e is not OperationCanceledException and not IOException)
        {
            status = e is BadHttpRequestException bad ? bad.StatusCode : StatusCodes.Status500InternalServerError;
            throw;
        }
        finally
        {
            version.Metrics.Ended(status);
            span?.SetTag("http.response.status_code", status);
        }
    }

    bool Enter(ModelVersion version, Work work, InferRequest request)
    {
        if (request.Timeout is { } timeout)
            work.Deadline = clock.GetTimestamp() + (long)(timeout.TotalSeconds * clock.TimestampFrequency);
        return version.Queue.TryEnter(work);
    }

    /// <summary>Where the caller goes while its work runs, the end is awaited all the same: the work reads from the body's buffer.</summary>
    static async Task<Tensor[]> WaitAsync(HttpContext context, ModelVersion version, Work work)
    {
        await using var gone = context.RequestAborted.UnsafeRegister(static state => ((Action)state!)(), () => version.Queue.Abandon(work, new OperationCanceledException("The caller has gone.")));
        return await work.Outcome;
    }

    static void CheckOutputs(InferRequest request, ModelVersion version)
    {
        foreach (var wanted in request.Outputs)
            if (!version.Layout.Outputs.Any(output => output.Name == wanted.Name))
                throw ProtocolException.Bad($"The model has no output '{wanted.Name}'; its outputs are: {string.Join(", ", version.Layout.Outputs.Select(output => output.Name))}.");
    }

    static void Describe(Activity? span, ModelVersion version, Work work) => span?
        .SetTag("aios.model", version.Model).SetTag("aios.model.version", version.Number)
        .SetTag("aios.inference.rows", work.Rows).SetTag("aios.inference.batch_rows", work.BatchRows).SetTag("aios.inference.queue_ms", work.Queued.TotalMilliseconds);

    static ValueTask<System.IO.Pipelines.FlushResult> WriteAsync(HttpContext context, ModelVersion version, InferRequest request, Tensor[] all)
    {
        var outputs = request.Outputs.Count == 0 ? all : [.. request.Outputs.Select(wanted => Array.Find(all, output => output.Name == wanted.Name)!)];
        Span<bool> binary = stackalloc bool[outputs.Length];
        var bytes = 0;
        for (var i = 0; i < outputs.Length; i++)
            if (binary[i] = (request.Outputs.Count == 0 ? null : request.Outputs[i].Binary) ?? request.BinaryOutput)
                bytes += outputs[i].Data.Length;
        var header = scratch ??= new(1024);
        header.ResetWrittenCount();
        InferReply.Write(header, version.Model, version.Name, request.Id, outputs, binary);
        var response = context.Response;
        response.ContentLength = header.WrittenCount + bytes;
        var anyBinary = binary.Contains(true);
        response.ContentType = anyBinary ? "application/octet-stream" : "application/json";
        if (anyBinary)
            response.Headers["Inference-Header-Content-Length"] = header.WrittenCount.ToString(CultureInfo.InvariantCulture);
        response.BodyWriter.Write(header.WrittenSpan);
        for (var i = 0; i < outputs.Length; i++)
            if (binary[i])
                response.BodyWriter.Write(outputs[i].Data.Span);
        return response.BodyWriter.FlushAsync(context.RequestAborted);
    }
}

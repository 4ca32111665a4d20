using System.Text.Json;
using AiOs.ControlPlane.Admission;
using AiOs.ControlPlane.Apps;
using AiOs.DataPlane;
using AiOs.DataPlane.Queues;
using AiOs.Functions.Http;
using AiOs.Security;
using AiOs.Telemetry;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;
using Microsoft.Azure.Functions.Worker;
using Microsoft.DurableTask.Client;
using Microsoft.Extensions.Logging;

namespace AiOs.Functions;

/// <summary>The envelope of a job on the one physical queue: which app (or which logical queue of one) gets which text.</summary>
/// <param name="Id">Identity of the job: the same id twice is one run.</param>
/// <param name="Queue">The logical queue, as <c>triggers.queue</c> of a manifest names it; or</param>
/// <param name="App">the app itself.</param>
/// <param name="Caller">Who put it there over HTTP; absent where a program wrote to the queue itself, which then is <see cref="Principal.Queue"/>.</param>
public sealed record JobEnvelope(string Id, string? Queue, string? App, string? Text, JsonElement? Attributes, string? ConversationId, JobCaller? Caller = null)
{
    /// <summary>The physical queue behind every logical one.</summary>
    public const string PhysicalQueue = "aios-jobs";

    /// <summary>The largest envelope in bytes of UTF-8.</summary>
    public const int MaxBytes = 48 * 1024;
}

/// <summary>Who enqueued a job.</summary>
/// <param name="Id">The principal's id.</param>
/// <param name="Roles">Its roles at that time, by their wire names.</param>
public sealed record JobCaller(string Id, IReadOnlyList<string>? Roles)
{
    /// <summary>The caller as its envelope names it.</summary>
    public static JobCaller Of(Principal principal) => new(principal.Id, [.. principal.Roles.Order().Select(role => role.Name())]);

    /// <summary>Whose job it is.</summary>
    public Principal ToPrincipal() => new(Id, Id, (Roles ?? []).Select(name => AiOs.Security.Roles.Find(name)).OfType<Role>().ToHashSet());
}

/// <summary>Back-office jobs: put on the queue over HTTP, taken from it by a trigger.</summary>
public sealed class Jobs(Arrivals arrivals, InstalledApps apps, Masking masking, IQueue queue, RateLimit rate, ILogger<Jobs> log)
{
    /// <summary>How long a job lies hidden before it is tried again, where nothing else is said.</summary>
    static readonly TimeSpan Pause = TimeSpan.FromMinutes(1);

    /// <summary>Enqueues a job for the app that names the queue as its trigger; what the app masks is masked before it lies on the queue, in its id and its conversation's id whatever is personal.</summary>
    [Function(nameof(PostJob)), RequiresPermission(Permission.EnqueueJobs), Methods("POST")]
    public async Task<IActionResult> PostJob(
        [HttpTrigger(AuthorizationLevel.Anonymous, "get", "head", "post", "put", "patch", "delete", "options", Route = "api/queues/{name}")] HttpRequest request,
        string name,
        CancellationToken cancellationToken)
    {
        if (rate.Take(request.Principal().Id) is { } wait) return Problem.TooMany(wait).ToResult();
        var (body, unreadable) = await JsonBody.ReadAsync(request, cancellationToken);
        if (body is null) return unreadable!.ToResult();
        var id = body.Text("id", maxBytes: 255);
        var text = body.Text("text", required: true, JobEnvelope.MaxBytes);
        var attributes = body.Object("attributes", Messages.MaxAttributesBytes);
        var conversation = body.Text("conversationId", maxBytes: 64);
        if (conversation is not null && !ConversationIds.IsValid(conversation)) body.Wrong("conversationId", ConversationIds.Rule);
        if (body.Verdict() is { } problem) return problem.ToResult();
        var (listener, unread) = await ListenerAsync(name, cancellationToken);
        if (listener is null) return (unread is null ? Problem.NotFound($"No installed app has the queue '{name}' as its trigger.") : Problem.Unreadable(unread)).ToResult();
        if (attributes is { } named && Masking.PersonalName(named, "attributes", listener.Mask) is { } field) return Problem.BadField(field, Submission.PersonalName).ToResult();
        if (id is not null) id = (await masking.MaskForeignAsync(listener.App, id, MaskKinds.All, cancellationToken)).Text;
        if (conversation is not null) conversation = await ConversationIds.StoredAsync(masking, listener.App, conversation, cancellationToken);
        var masked = await masking.MaskForeignAsync(listener.App, text!, listener.Mask, cancellationToken);
        if (attributes is { } raw) attributes = await masking.MaskForeignAsync(listener.App, raw, listener.Mask, cancellationToken);
        var envelope = new JobEnvelope(id ?? Guid.CreateVersion7().ToString("N"), name, null, masked.Text, attributes, conversation, JobCaller.Of(request.Principal()));
        var json = JsonSerializer.Serialize(envelope, AiOsJson.Options);
        if (System.Text.Encoding.UTF8.GetByteCount(json) > JobEnvelope.MaxBytes)
            return new Problem(StatusCodes.Status413PayloadTooLarge, "The job is too large.", $"A job may have at most {JobEnvelope.MaxBytes} bytes as JSON; send what is larger by reference.").ToResult();
        await queue.SendAsync(JobEnvelope.PhysicalQueue, json, null, cancellationToken);
        return new ObjectResult(new { envelope.Id, queue = name }) { StatusCode = StatusCodes.Status202Accepted };
    }

    /// <summary>Takes a job from the queue and starts its run. What can never become a run goes to the poison queue at once, with its reason.
    /// What a switch or the rate refuses for now is put back to be tried later, however long that lasts: its id keeps it one run.</summary>
    [Function(nameof(TakeJob))]
    public async Task TakeJob([QueueTrigger(JobEnvelope.PhysicalQueue, Connection = "AzureWebJobsStorage")] string message, [DurableClient] DurableTaskClient client, CancellationToken cancellationToken)
    {
        var (envelope, reason) = await ReadAsync(message, cancellationToken);
        if (envelope is null)
        {
            await PoisonAsync(message, reason!, cancellationToken);
            return;
        }

        if (envelope.App is null)   // not known while the plan of an app cannot be read
        {
            await queue.SendAsync(JobEnvelope.PhysicalQueue, message, Pause, cancellationToken);
            return;
        }

        var submission = new Submission(envelope.App, envelope.Text!, envelope.Attributes, envelope.ConversationId, "queue", envelope.Id, envelope.Caller?.ToPrincipal() ?? Principal.Queue, null);
        var (_, problem) = await arrivals.AdmitAsync(submission, client, cancellationToken);
        if (problem is null) return;
        if (problem.Status is StatusCodes.Status429TooManyRequests or StatusCodes.Status503ServiceUnavailable)
            await queue.SendAsync(JobEnvelope.PhysicalQueue, message, problem.RetryAfter ?? Pause, cancellationToken);
        else
            await PoisonAsync(message, problem.Detail, cancellationToken);
    }

    async Task<(JobEnvelope? Envelope, string? Reason)> ReadAsync(string message, CancellationToken cancellationToken)
    {
        var (root, broken) = JsonBody.Parse(System.Text.Encoding.UTF8.GetBytes(message));
        if (broken is not null) return (null, $"The message is no job envelope. {broken.Detail}");
        JobEnvelope? envelope;
        try
        {
            envelope = root.Deserialize<JobEnvelope>(AiOsJson.Options);
        }
        catch (JsonException e)
        {
            return (null, $"The message is no job envelope: wrong JSON at {e.Path ?? "$"}.");
        }

        if (envelope is null || string.IsNullOrWhiteSpace(envelope.Id)) return (null, "The job has no id.");
        if (string.IsNullOrWhiteSpace(envelope.Text)) return (null, "The job has no text.");
        if (envelope.Caller is { } caller && string.IsNullOrWhiteSpace(caller.Id)) return (null, "The job's caller has no id.");
        if (envelope.App is not null) return (envelope, null);
        if (string.IsNullOrWhiteSpace(envelope.Queue)) return (null, "The job names neither a queue nor an app.");
        var (listener, unread) = await ListenerAsync(envelope.Queue, cancellationToken);
        return listener is not null || unread is not null ? (envelope with { App = listener?.App }, null) : (null, $"No installed app has the queue '{envelope.Queue}' as its trigger.");
    }

    /// <summary>The plan that has the queue as its trigger; null where none has, and then an app whose plan cannot be read, where there is one.</summary>
    async Task<(Plan? Plan, string? Unread)> ListenerAsync(string logicalQueue, CancellationToken cancellationToken)
    {
        var plans = await apps.PlansAsync(cancellationToken);
        return plans.FirstOrDefault(app => string.Equals(app.Plan?.Triggers.Queue, logicalQueue, StringComparison.Ordinal)).Plan is { } plan ? (plan, null) : (null, plans.FirstOrDefault(app => app.Plan is null).App);
    }

    async Task PoisonAsync(string message, string reason, CancellationToken cancellationToken)
    {
        reason = (await masking.MaskAsync(JobEnvelope.PhysicalQueue, reason, MaskKinds.All, cancellationToken)).Text; // A reason may name a field or a queue as the sender spelled it.
        log.JobRefused(reason);
        await queue.SendAsync(JobEnvelope.PhysicalQueue + "-poison", JsonSerializer.Serialize(new { reason, message }, AiOsJson.Options), null, cancellationToken);
    }
}

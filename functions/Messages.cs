using AiOs.ControlPlane.Admission;
using AiOs.Functions.Http;
using AiOs.Security;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;
using Microsoft.Azure.Functions.Worker;
using Microsoft.DurableTask.Client;

namespace AiOs.Functions;

/// <summary>Where messages arrive over HTTP.</summary>
public sealed class Messages(Arrivals arrivals, Replies replies)
{
    /// <summary>The longest message text in bytes of UTF-8 (128 KiB).</summary>
    public const int MaxTextBytes = 128 * 1024;

    /// <summary>The largest attributes object in bytes of JSON; expressions see them, so they travel through the run's history.</summary>
    public const int MaxAttributesBytes = 16 * 1024;

    /// <summary>Starts a run for a message, waits as long as the caller prefers, and answers with its outcome.</summary>
    [Function(nameof(PostMessage)), RequiresPermission(Permission.SendMessages), Methods("POST")]
    public async Task<IActionResult> PostMessage(
        [HttpTrigger(AuthorizationLevel.Anonymous, "get", "head", "post", "put", "patch", "delete", "options", Route = "api/apps/{app}/messages")] HttpRequest request,
        string app,
        [DurableClient] DurableTaskClient client,
        CancellationToken cancellationToken)
    {
        var (preference, badPreference) = Preference.Of(request);
        if (badPreference is not null) return badPreference.ToResult();
        var (body, unreadable) = await JsonBody.ReadAsync(request, cancellationToken);
        if (body is null) return unreadable!.ToResult();
        var text = body.Text("text", required: true, MaxTextBytes);
        var conversation = body.Text("conversationId", maxBytes: 64);
        var attributes = body.Object("attributes", MaxAttributesBytes);
        var idempotencyKey = IdempotencyKey(request, body);
        if (body.Verdict() is { } problem) return problem.ToResult();

        var submission = new Submission(app, text!, attributes, conversation, "http", idempotencyKey, request.Principal(), Tracing.Parent());
        var (run, refused) = await arrivals.AdmitAsync(submission, client, cancellationToken);
        return refused is not null ? refused.ToResult() : await replies.WaitAsync(run!, preference, request, cancellationToken);
    }

    static string? IdempotencyKey(HttpRequest request, JsonBody body)
    {
        if (!request.Headers.TryGetValue("Idempotency-Key", out var values)) return null;
        var key = values.ToString().Trim('"', ' ');
        return key.Length is > 0 and <= 255 ? key : body.Wrong("Idempotency-Key", "must have 1 to 255 characters.");
    }
}

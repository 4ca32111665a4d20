using System.Text.Json;
using AiOs.ControlPlane.Admission;
using AiOs.ControlPlane.Apps;
using AiOs.ControlPlane.Runs;
using AiOs.DataPlane;
using AiOs.Functions.Http;
using AiOs.Security;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;
using Microsoft.Azure.Functions.Worker;
using Microsoft.DurableTask.Client;

namespace AiOs.Functions;

/// <summary>Where CloudEvents 1.0 arrive, structured or binary (HTTP protocol binding, sections 3.1 and 3.2). Every app that listens to the event's type gets a run.</summary>
public sealed class EventsApi(InstalledApps apps, Arrivals arrivals)
{
    /// <summary>Takes one event. The same source and id twice is one run an app. An app that refuses it keeps it from no other: <c>refused</c> lists such apps, and where no app takes the event the refusal is the reply.</summary>
    [Function(nameof(PostEvent)), RequiresPermission(Permission.SendEvents), Methods("POST")]
    public async Task<IActionResult> PostEvent(
        [HttpTrigger(AuthorizationLevel.Anonymous, "get", "head", "post", "put", "patch", "delete", "options", Route = "api/events")] HttpRequest request,
        [DurableClient] DurableTaskClient client,
        CancellationToken cancellationToken)
    {
        var (cloudEvent, problem) = await CloudEvent.ReadAsync(request, cancellationToken);
        if (cloudEvent is null) return problem!.ToResult();
        var plans = await apps.PlansAsync(cancellationToken);
        var listeners = plans.Where(app => app.Plan?.Triggers.Events.Contains(cloudEvent.Type, StringComparer.Ordinal) == true).Select(app => app.App).ToArray();
        if (listeners.Length == 0 && plans.All(app => app.Plan is not null)) return Problem.NotFound($"No installed app listens to events of type '{cloudEvent.Type}'.").ToResult();

        var started = new List<RunOutcome>();
        var refusals = plans.Where(app => app.Plan is null).Select(app => (app.App, Problem: Problem.Unreadable(app.App))).ToList();
        foreach (var app in listeners)
        {
            var submission = new Submission(app, cloudEvent.Text, cloudEvent.Data, null, "event", $"{cloudEvent.Source}\n{cloudEvent.Id}", request.Principal(), Tracing.Parent());
            var (run, refused) = await arrivals.AdmitAsync(submission, client, cancellationToken);
            if (run is not null) started.Add(run.ToOutcome());
            else refusals.Add((app, refused!));
        }

        if (started.Count == 0) return refusals.MaxBy(refusal => refusal.Problem.Status).Problem.ToResult();
        return new ObjectResult(new { runs = started, refused = refusals.Count == 0 ? null : refusals.Select(refusal => new { refusal.App, refusal.Problem.Status, refusal.Problem.Detail }) }) { StatusCode = StatusCodes.Status202Accepted };
    }
}

/// <summary>One CloudEvent: its identity and its data; the text that an app reads is <c>data.text</c>, else the subject, else the data itself.</summary>
sealed record CloudEvent(string Id, string Source, string Type, string Text, JsonElement? Data)
{
    static readonly string[] Required = ["id", "source", "type", "specversion"];

    /// <summary>Reads an event in structured (application/cloudevents+json) or binary mode (ce- headers).</summary>
    public static async Task<(CloudEvent? Event, Problem? Problem)> ReadAsync(HttpRequest request, CancellationToken cancellationToken)
    {
        var structured = request.ContentType?.StartsWith("application/cloudevents+json", StringComparison.OrdinalIgnoreCase) == true;
        if (request.ContentType?.StartsWith("application/cloudevents-batch", StringComparison.OrdinalIgnoreCase) == true || (!structured && !request.Headers.ContainsKey("ce-specversion")) || (!structured && !JsonBody.IsJson(request.ContentType)))
            return (null, new(StatusCodes.Status415UnsupportedMediaType, "Unsupported media type.", "Send one CloudEvent as application/cloudevents+json, or its data as application/json with the ce- headers."));
        var (bytes, tooLarge) = await JsonBody.ReadBytesAsync(request, JsonBody.MaxBytes, cancellationToken);
        if (tooLarge is not null) return (null, tooLarge);
        if (!structured && bytes.Length == 0) return Read(name => request.Headers["ce-" + name].ToString() is { Length: > 0 } v ? v : null, null);
        var (root, broken) = JsonBody.Parse(bytes);
        if (broken is not null) return (null, broken);
        if (!structured) return Read(name => request.Headers["ce-" + name].ToString() is { Length: > 0 } v ? Uri.UnescapeDataString(v) : null, root);
        if (root.ValueKind != JsonValueKind.Object) return (null, Problem.BadField("$", "must be a CloudEvent object."));
        return Read(name => root.TryGetProperty(name, out var v) && v.ValueKind == JsonValueKind.String ? v.GetString() : null,
            root.TryGetProperty("data", out var data) && data.ValueKind != JsonValueKind.Null ? data : null);
    }

    static (CloudEvent? Event, Problem? Problem) Read(Func<string, string?> attribute, JsonElement? data)
    {
        foreach (var name in Required)
            if (string.IsNullOrWhiteSpace(attribute(name)))
                return (null, Problem.BadField(name, "is a required attribute of a CloudEvent; send it as a non-empty string."));
        if (attribute("specversion") != "1.0") return (null, Problem.BadField("specversion", "must be 1.0."));
        var id = attribute("id")!;
        var source = attribute("source")!;
        if (id.Length + source.Length > 1024) return (null, Problem.BadField("id", "source and id together may have at most 1024 characters."));
        if (data is { ValueKind: JsonValueKind.Object } large && System.Text.Encoding.UTF8.GetByteCount(large.GetRawText()) > Messages.MaxAttributesBytes)
            return (null, new(StatusCodes.Status413PayloadTooLarge, "A field is too large.", $"data may have at most {Messages.MaxAttributesBytes} bytes of JSON; send what is larger by reference."));
        var text = TextOf(data) ?? attribute("subject") ?? (data is { } whole ? JsonSerializer.Serialize(whole, AiOsJson.Options) : null);
        return string.IsNullOrWhiteSpace(text)
            ? (null, Problem.BadField("data.text", "the event has neither data.text nor subject; send what happened as text."))
            : (new(id, source, attribute("type")!, text, data is { ValueKind: JsonValueKind.Object } o ? o : null), null);
    }

    static string? TextOf(JsonElement? data) => data switch
    {
        { ValueKind: JsonValueKind.String } s => s.GetString(),
        { ValueKind: JsonValueKind.Object } o when o.TryGetProperty("text", out var t) && t.ValueKind == JsonValueKind.String => t.GetString(),
        _ => null,
    };
}

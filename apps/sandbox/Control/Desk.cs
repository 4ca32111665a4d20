using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace AiOs.Sandbox.Control;

/// <summary>A request as an endpoint sees it.</summary>
sealed record Call(string Method, string Path, string Template, string Query, string? Key, IReadOnlyDictionary<string, string> Headers, RouteValueDictionary Route, IQueryCollection Parameters, JsonElement? Body)
{
    public string this[string routeValue] => (string)Route[routeValue]!;

    /// <summary>A text property of the body, or null.</summary>
    public string? Text(string name) => Property(name) is { ValueKind: JsonValueKind.String } value ? value.GetString() : null;

    /// <summary>A whole number of the body, or null.</summary>
    public long? Number(string name) => Property(name) is { ValueKind: JsonValueKind.Number } value && value.TryGetInt64(out var number) ? number : null;

    JsonElement? Property(string name) => Body is { ValueKind: JsonValueKind.Object } body && body.TryGetProperty(name, out var value) ? value : null;
}

/// <summary>What an endpoint answers. <paramref name="Subject"/> is what the request changed, null if it changed nothing.</summary>
sealed record Reply(int Status, object? Body, string? Subject = null)
{
    public static Reply Refused(int status, string detail) => new(status, new { status, detail });
}

/// <summary>The front desk of the world: every call is recorded here, meets the behaviour in force, and has its effect once per idempotency key.</summary>
sealed class Desk(Recorder recorder, Behaviours behaviours, TimeProvider clock, CancellationToken stopping)
{
    const int BodyLimit = 256 * 1024;
    readonly Lock gate = new();
    readonly Dictionary<string, (string Digest, Reply Reply)> replies = new(StringComparer.Ordinal);

    public Behaviours Behaviours => behaviours;

    public Recorder Recorder => recorder;

    /// <summary>Serves <paramref name="template"/> with <paramref name="work"/>, which runs alone: no two calls change the world at a time.</summary>
    public void Map(WebApplication app, string method, string template, Func<Call, Reply> work) =>
        app.MapMethods(template, [method], context => ServeAsync(context, template, work));

    /// <summary>Runs <paramref name="work"/> while no call does.</summary>
    public void Alone(Action work)
    {
        lock (gate)
            work();
    }

    async Task ServeAsync(HttpContext context, string template, Func<Call, Reply> work)
    {
        if (await ReadAsync(context, template) is not { } call)
        {
            context.Response.StatusCode = StatusCodes.Status400BadRequest;
            return;
        }

        var order = behaviours.Take(call.Path);
        var reply = order.Mode switch
        {
            BehaviourMode.Fail => Reply.Refused(503, "Told to fail."),
            BehaviourMode.Reject => Reply.Refused(400, "Told to reject."),
            BehaviourMode.Throttle => Reply.Refused(429, "Told to throttle."),
            BehaviourMode.Hang or BehaviourMode.Drop => new Reply(0, null),
            BehaviourMode.Redirect => new Reply(302, null),
            _ => Work(call, order.Mode, work),
        };
        if (order.Mode is BehaviourMode.Fail or BehaviourMode.Reject or BehaviourMode.Throttle or BehaviourMode.Hang or BehaviourMode.Drop or BehaviourMode.Redirect)
            recorder.Add(call, order.Mode, reply, subject: null);
        await AnswerAsync(context, order, reply);
    }

    Reply Work(Call call, BehaviourMode mode, Func<Call, Reply> work)
    {
        var digest = Convert.ToHexString(SHA256.HashData(Encoding.UTF8.GetBytes($"{call.Method} {call.Path}\n{call.Body}")));
        lock (gate)
        {
            var honoured = call.Method != "GET" && mode != BehaviourMode.IgnoreKeys ? call.Key : null;
            Reply reply;
            if (honoured is not null && replies.TryGetValue(honoured, out var known))
                reply = known.Digest == digest ? known.Reply with { Subject = null } : Reply.Refused(422, "This idempotency key came with another request before.");
            else
            {
                reply = work(call);
                if (honoured is not null && reply.Status < 500)
                    replies[honoured] = (digest, reply);
            }

            recorder.Add(call, mode, reply, reply.Subject);
            return reply;
        }
    }

    async Task AnswerAsync(HttpContext context, Behaviour order, Reply reply)
    {
        using var end = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted, stopping);
        switch (order.Mode)
        {
            case BehaviourMode.Hang or BehaviourMode.HangAfterEffect:
                await Task.Delay(Timeout.InfiniteTimeSpan, clock, end.Token).ContinueWith(_ => { }, TaskScheduler.Default);
                context.Abort();
                return;
            case BehaviourMode.Drop or BehaviourMode.DropAfterEffect:
                context.Abort();
                return;
            case BehaviourMode.Garbage:
                context.Response.ContentType = "text/html";
                await context.Response.WriteAsync("<html><body>It works! <blink>", end.Token);
                return;
            case BehaviourMode.Huge:
                await context.Response.WriteAsJsonAsync(new { id = "huge", padding = new string('x', 2_000_000) }, SandboxServer.Json, end.Token);
                return;
            case BehaviourMode.Slow or BehaviourMode.IgnoreKeys when order.Mode == BehaviourMode.Slow || order.DelayMs is not null:
                await Task.Delay(TimeSpan.FromMilliseconds(order.DelayMs ?? 1000), clock, end.Token).ContinueWith(_ => { }, TaskScheduler.Default);
                break;
            case BehaviourMode.Throttle:
                context.Response.Headers.RetryAfter = "1";
                break;
            case BehaviourMode.Redirect:
                context.Response.Headers.Location = "/_elsewhere";
                break;
        }

        context.Response.StatusCode = order.Mode == BehaviourMode.FailAfterEffect ? 500 : reply.Status;
        if (order.Mode != BehaviourMode.FailAfterEffect && reply.Body is not null)
            await context.Response.WriteAsJsonAsync(reply.Body, SandboxServer.Json, end.Token);
    }

    static async Task<Call?> ReadAsync(HttpContext context, string template)
    {
        var request = context.Request;
        JsonElement? body = null;
        if (request.ContentLength is > 0 || request.Headers.TransferEncoding.Count > 0)
        {
            if (request.ContentLength > BodyLimit)
                return null;
            try
            {
                using var document = await JsonDocument.ParseAsync(request.Body, cancellationToken: context.RequestAborted);
                body = document.RootElement.Clone();
            }
            catch (JsonException)
            {
                return null;
            }
        }

        var headers = request.Headers.ToDictionary(h => h.Key.ToLowerInvariant(), h => h.Value.ToString(), StringComparer.Ordinal);
        var key = request.Headers["Idempotency-Key"].ToString();
        return new(request.Method, request.Path.Value ?? "/", template, request.QueryString.Value ?? "", key.Length == 0 ? null : key, headers, context.GetRouteData().Values, request.Query, body);
    }
}

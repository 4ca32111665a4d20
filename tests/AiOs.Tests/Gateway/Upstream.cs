using System.Collections.Concurrent;
using System.Net;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace AiOs.Tests.Gateway;

/// <summary>A loopback endpoint that speaks OpenAI's API as a test has it.</summary>
sealed class Upstream : IAsyncDisposable
{
    readonly WebApplication app;
    int underWay;

    Upstream(WebApplication app) => this.app = app;

    public string Url => app.Urls.First() + "/v1";

    /// <summary>What was asked, in order.</summary>
    public ConcurrentQueue<JsonElement> Asked { get; } = [];

    /// <summary>Requests that have not ended.</summary>
    public int UnderWay => Volatile.Read(ref underWay);

    /// <summary>Counts a request that its caller gave up.</summary>
    public SemaphoreSlim Abandoned { get; } = new(0);

    public static async Task<Upstream> StartAsync(Func<HttpContext, JsonElement, Task> answer)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0));
        var app = builder.Build();
        var upstream = new Upstream(app);
        app.Run(async context =>
        {
            using var body = await JsonDocument.ParseAsync(context.Request.Body);
            var asked = body.RootElement.Clone();
            Interlocked.Increment(ref upstream.underWay);
            upstream.Asked.Enqueue(asked);
            context.RequestAborted.Register(() => upstream.Abandoned.Release());
            try
            {
                await answer(context, asked);
            }
            finally
            {
                Interlocked.Decrement(ref upstream.underWay);
            }
        });
        await app.StartAsync();
        return upstream;
    }

    /// <summary>One that says the same to everybody.</summary>
    public static Task<Upstream> SayingAsync(string words) => StartAsync((context, asked) => SayAsync(context, asked, words));

    /// <summary>One that fails.</summary>
    public static Task<Upstream> FailingAsync(int status, (string Name, string Value)? header = null) => StartAsync((context, _) => FailAsync(context, status, header));

    /// <summary>A whole answer, or one in pieces, as it was asked for.</summary>
    public static async Task SayAsync(HttpContext context, JsonElement asked, string words)
    {
        if (!asked.TryGetProperty("stream", out var stream) || !stream.GetBoolean())
        {
            await context.Response.WriteAsJsonAsync(Completion(words));
            return;
        }
        for (var i = 0; i < words.Length; i += 5)
            await EventAsync(context, Piece(words.Substring(i, Math.Min(5, words.Length - i)), null));
        await EventAsync(context, Piece(null, "stop"));
        await EventAsync(context, """{"id":"c","object":"chat.completion.chunk","created":1,"model":"upstream-model","choices":[],"usage":{"prompt_tokens":10,"completion_tokens":5,"total_tokens":15}}""");
        await EventAsync(context, "[DONE]");
    }

    public static object Completion(string words) => new
    {
        id = "chatcmpl-1", @object = "chat.completion", created = 1, model = "upstream-model",
        choices = new[] { new { index = 0, message = new { role = "assistant", content = words }, finish_reason = "stop" } },
        usage = new { prompt_tokens = 10, completion_tokens = 5, total_tokens = 15 },
    };

    public static string Piece(string? content, string? finish) => JsonSerializer.Serialize(new
    {
        id = "c", @object = "chat.completion.chunk", created = 1, model = "upstream-model",
        choices = new[] { new { index = 0, delta = content is null ? (object)new { } : new { role = "assistant", content }, finish_reason = finish } },
    });

    public static async Task EventAsync(HttpContext context, string data)
    {
        context.Response.ContentType ??= "text/event-stream";
        await context.Response.WriteAsync($"data: {data}\n\n");
        await context.Response.Body.FlushAsync();
    }

    public static Task FailAsync(HttpContext context, int status, (string Name, string Value)? header = null)
    {
        context.Response.StatusCode = status;
        if (header is var (name, value))
            context.Response.Headers[name] = value;
        return context.Response.WriteAsync("""{"error":{"message":"a secret of the endpoint","type":"server_error","param":"temperature","code":null}}""");
    }

    /// <summary>Hangs until the caller has gone.</summary>
    public static Task HangAsync(HttpContext context) => Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, context.RequestAborted).ContinueWith(_ => { }, TaskScheduler.Default);

    public ValueTask DisposeAsync() => app.DisposeAsync();
}

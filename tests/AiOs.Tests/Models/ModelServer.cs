using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace AiOs.Tests.Models;

/// <summary>A loopback endpoint that speaks OpenAI's streamed chat completions; a test says what the model writes, and how it fails.</summary>
sealed class ModelServer : IAsyncDisposable
{
    public const string Key = "sk-a-very-secret-key", Model = "test-model";

    readonly WebApplication app;
    readonly TaskCompletionSource arrived = new(TaskCreationOptions.RunContinuationsAsynchronously);

    ModelServer(WebApplication app) => this.app = app;

    public string Url => app.Urls.First();

    public ConcurrentQueue<ModelExchange> Exchanges { get; } = [];

    /// <summary>Every path that was asked for, whatever came of it.</summary>
    public ConcurrentQueue<string> Paths { get; } = [];

    /// <summary>Completes with the first request.</summary>
    public Task Arrived => arrived.Task.WaitAsync(TimeSpan.FromMinutes(2));

    public static async Task<ModelServer> StartAsync(Func<ModelExchange, Task> answer, TimeProvider? clock = null)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0));
        var app = builder.Build();
        var server = new ModelServer(app);
        app.Run(async context =>
        {
            server.Paths.Enqueue(context.Request.Path);
            using var body = await JsonDocument.ParseAsync(context.Request.Body);
            var exchange = new ModelExchange(context, body.RootElement.Clone(), server.Exchanges.Count + 1, (clock ?? TimeProvider.System).GetUtcNow());
            server.Exchanges.Enqueue(exchange);
            server.arrived.TrySetResult();
            await answer(exchange);
        });
        await app.StartAsync();
        return server;
    }

    /// <summary>The settings that make this server the model <c>answer</c>.</summary>
    public Dictionary<string, string?> Settings => new(StringComparer.Ordinal)
    {
        ["AIOS_MODELS_ANSWER_URL"] = Url + "/v1",
        ["AIOS_MODELS_ANSWER_MODEL"] = Model,
        ["AIOS_MODELS_ANSWER_KEY"] = Key,
        ["AIOS_MODELS_ANSWER_PRICE_IN"] = "1.5",
        ["AIOS_MODELS_ANSWER_PRICE_OUT"] = "6",
        ["AIOS_MODELS_ANSWER_TIMEOUT_SECONDS"] = "300",
    };

    public ValueTask DisposeAsync() => app.DisposeAsync();
}

/// <summary>One request, and the means to answer it.</summary>
sealed class ModelExchange(HttpContext context, JsonElement body, int number, DateTimeOffset at)
{
    public JsonElement Body => body;

    public int Number => number;

    public DateTimeOffset At => at;

    public string Authorization { get; } = context.Request.Headers.Authorization.ToString();

    public bool IsTraced { get; } = context.Request.Headers.ContainsKey("traceparent");

    /// <summary>What the user's message holds.</summary>
    public JsonElement Asked { get; } = JsonElement.Parse(body.GetProperty("messages")[1].GetProperty("content") is { ValueKind: JsonValueKind.String } text
        ? text.GetString()! : body.GetProperty("messages")[1].GetProperty("content")[0].GetProperty("text").GetString()!);

    /// <summary>The whole answer, in small pieces, with its usage.</summary>
    public async Task AnswerAsync(params object[] sentences)
    {
        await SayAsync(JsonSerializer.Serialize(new { sentences }));
        await EndAsync();
    }

    /// <summary>Some text, in pieces of seven characters.</summary>
    public async Task SayAsync(string text)
    {
        for (var i = 0; i < text.Length; i += 7)
            await SendAsync(new { role = "assistant", content = text.Substring(i, Math.Min(7, text.Length - i)) }, null);
    }

    /// <summary>A delta of any kind.</summary>
    public Task SendAsync(object? delta, string? finish) => WriteAsync(new { id = "chatcmpl-1", @object = "chat.completion.chunk", created = 1, model = ModelServer.Model, choices = new[] { new { index = 0, delta, finish_reason = finish } } });

    public async Task EndAsync(string finish = "stop")
    {
        await SendAsync(new { }, finish);
        await WriteAsync(new { id = "chatcmpl-1", @object = "chat.completion.chunk", created = 1, model = ModelServer.Model, choices = Array.Empty<object>(), usage = new { prompt_tokens = 900, completion_tokens = 60, total_tokens = 960 } });
        await RawAsync("data: [DONE]\n\n");
    }

    public async Task FailAsync(int status, object? error = null, (string Name, string Value)? header = null)
    {
        context.Response.StatusCode = status;
        if (header is var (name, value)) context.Response.Headers[name] = value;
        await context.Response.WriteAsJsonAsync(new { error = error ?? new { message = $"The key {ModelServer.Key} is not welcome.", code = "test" } });
    }

    /// <summary>Hangs until the caller has gone.</summary>
    public Task HangAsync() => Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, context.RequestAborted).ContinueWith(_ => { }, TaskScheduler.Default);

    /// <summary>Breaks the connection; what the caller has not read yet is lost with it.</summary>
    public void Cut() => context.Abort();

    /// <summary>Ends the connection in the middle of the answer, behind what was said so far.</summary>
    public static Task StopAsync() => Task.FromException(new IOException("The server stops here."));

    public async Task RawAsync(string text)
    {
        context.Response.ContentType ??= "text/event-stream";
        await context.Response.WriteAsync(text);
        await context.Response.Body.FlushAsync();
    }

    Task WriteAsync(object chunk) => RawAsync(string.Create(CultureInfo.InvariantCulture, $"data: {JsonSerializer.Serialize(chunk)}\n\n"));
}

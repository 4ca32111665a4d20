using System.Security.Cryptography;
using System.Text;
using AiOs.Inference.Metrics;
using AiOs.Models.Protocol;
using AiOs.Inference.Repository;

namespace AiOs.Inference.Http;

/// <summary>Routes a request by its path: the endpoints of the Open Inference Protocol and of Triton's repository extension, and <c>/metrics</c>.</summary>
sealed class Handler(ModelRepository repository, Gpus? gpus, InferenceOptions options, TimeProvider clock, ILogger<Handler> log)
{
    readonly InferEndpoint inference = new(options.MaxBody, clock);
    readonly Metadata metadata = new(repository);
    readonly byte[]? bearer = options.Key is { } key ? SHA256.HashData(Encoding.UTF8.GetBytes("Bearer " + key)) : null;

    public async Task HandleAsync(HttpContext context)
    {
        try
        {
            await RouteAsync(context);
        }
        catch (ProtocolException e)
        {
            await Reply.ErrorAsync(context, e.Status, e.Message, e.RetryAfter);
        }
        catch (BadHttpRequestException e)
        {
            await Reply.ErrorAsync(context, e.StatusCode, e.StatusCode == StatusCodes.Status413PayloadTooLarge ? $"The body is larger than {options.MaxBody} bytes." : e.Message);
        }
        catch (Exception e) when (context.RequestAborted.IsCancellationRequested && e is OperationCanceledException or IOException)
        {
            context.Abort();   // nobody is there
        }
        catch (Exception e)
        {
            log.RequestFailed(e);
            await Reply.ErrorAsync(context, StatusCodes.Status500InternalServerError, "The server failed.");
        }
    }

    Task RouteAsync(HttpContext context)
    {
        var path = (context.Request.Path.Value ?? "").TrimEnd('/').Split('/')[1..];
        if (path is not (["v2", "health", _] or ["metrics"]))
            Authenticate(context);
        return path switch
        {
            ["v2"] => Get(context, () => Reply.JsonAsync(context, metadata.Server())),
            ["v2", "health", "live"] => Get(context, () => Reply.JsonAsync(context, new { live = true })),
            ["v2", "health", "ready"] => Get(context, () => Reply.JsonAsync(context, new { live = true, ready = repository.IsReady }, repository.IsReady ? 200 : 503)),
            ["v2", "models", var model] => Get(context, () => Reply.JsonAsync(context, metadata.Model(model, null))),
            ["v2", "models", var model, "versions", var version] => Get(context, () => Reply.JsonAsync(context, metadata.Model(model, version))),
            ["v2", "models", var model, "ready"] => Get(context, () => ReadyAsync(context, model, null)),
            ["v2", "models", var model, "versions", var version, "ready"] => Get(context, () => ReadyAsync(context, model, version)),
            ["v2", "models", var model, "infer"] => Post(context, () => inference.AnswerAsync(context, repository, model, null)),
            ["v2", "models", var model, "versions", var version, "infer"] => Post(context, () => inference.AnswerAsync(context, repository, model, version)),
            ["v2", "repository", "index"] => Post(context, () => IndexAsync(context)),
            ["v2", "repository", "models", var model, "load"] => Post(context, () => ChangeAsync(context, repository.LoadAsync(model, context.RequestAborted))),
            ["v2", "repository", "models", var model, "unload"] => Post(context, () => ChangeAsync(context, repository.UnloadAsync(model, context.RequestAborted))),
            ["metrics"] => Get(context, () => Reply.TextAsync(context, PrometheusPage.Write(repository, gpus))),
            _ => throw new ProtocolException(StatusCodes.Status404NotFound, "There is nothing at this path; GET /v2 says what this server is."),
        };
    }

    void Authenticate(HttpContext context)
    {
        if (bearer is null || CryptographicOperations.FixedTimeEquals(bearer, SHA256.HashData(Encoding.UTF8.GetBytes(context.Request.Headers.Authorization.ToString()))))
            return;
        context.Response.Headers.WWWAuthenticate = "Bearer";
        throw new ProtocolException(StatusCodes.Status401Unauthorized, "This server wants a key: Authorization: Bearer KEY.");
    }

    Task ReadyAsync(HttpContext context, string model, string? version)
    {
        var found = repository.Find(model).Version(version);
        return Reply.JsonAsync(context, new { name = found.Model, ready = true });
    }

    async Task IndexAsync(HttpContext context)
    {
        var onlyReady = await RequestBody.FlagAsync(context, "ready");
        await Reply.JsonAsync(context, metadata.Index(onlyReady));
    }

    static async Task ChangeAsync(HttpContext context, Task change)
    {
        await change;
        await Reply.JsonAsync(context, new { });
    }

    static Task Get(HttpContext context, Func<Task> answer) => Only(context, "GET", answer);

    static Task Post(HttpContext context, Func<Task> answer) => Only(context, "POST", answer);

    static Task Only(HttpContext context, string method, Func<Task> answer)
    {
        if (context.Request.Method == method)
            return answer();
        context.Response.Headers.Allow = method;
        throw new ProtocolException(StatusCodes.Status405MethodNotAllowed, $"Use {method} here.");
    }
}

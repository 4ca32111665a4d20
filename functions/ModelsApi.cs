using System.Text.Json;
using AiOs.ControlPlane.Apps;
using AiOs.Functions.Http;
using AiOs.Functions.Http.OpenAi;
using AiOs.Security;
using AiOs.Serving.Calls;
using AiOs.Serving.Gateway;
using AiOs.Serving.Routing;
using AiOs.Serving.Wire;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;
using Microsoft.Azure.Functions.Worker;

namespace AiOs.Functions;

/// <summary>OpenAI's API over the models of this installation, so that tools that speak it use the gateway as it is. What is personal is masked before it leaves and put back into the answer.</summary>
public sealed class ModelsApi(ModelGateway gateway, Masking masking, InstalledApps apps, TimeProvider clock)
{
    /// <summary>A chat completion, whole or in pieces.</summary>
    [Function(nameof(CompleteChat)), RequiresPermission(Permission.UseModels), Methods("POST")]
    public Task<IActionResult> CompleteChat(
        [HttpTrigger(AuthorizationLevel.Anonymous, "get", "head", "post", "put", "patch", "delete", "options", Route = "v1/chat/completions")] HttpRequest request,
        CancellationToken cancellationToken) => AskAsync(request, CallKind.Chat, async (asked, terms, restoration) => asked.Stream
            ? new StreamResult(await gateway.StreamAsync(asked, terms, cancellationToken), new StreamRestoration(restoration), asked.IncludeUsage, clock.GetUtcNow())
            : new ChatResult(await gateway.ChatAsync(asked, terms, cancellationToken), restoration), cancellationToken);

    /// <summary>Vectors of texts.</summary>
    [Function(nameof(EmbedTexts)), RequiresPermission(Permission.UseModels), Methods("POST")]
    public Task<IActionResult> EmbedTexts(
        [HttpTrigger(AuthorizationLevel.Anonymous, "get", "head", "post", "put", "patch", "delete", "options", Route = "v1/embeddings")] HttpRequest request,
        CancellationToken cancellationToken) => AskAsync(request, CallKind.Embeddings, async (asked, terms, _) =>
            new VectorResult(await gateway.EmbedAsync(asked, terms, cancellationToken), asked.Base64), cancellationToken);

    /// <summary>The models by their logical names.</summary>
    [Function(nameof(ListModels)), RequiresPermission(Permission.UseModels), Methods("GET")]
    public IActionResult ListModels(
        [HttpTrigger(AuthorizationLevel.Anonymous, "get", "head", "post", "put", "patch", "delete", "options", Route = "v1/models")] HttpRequest request)
    {
        _ = request;
        return new OpenAiResult(JsonSerializer.SerializeToUtf8Bytes(new ModelsBody("list", [.. gateway.Models.Select(Body)]), OpenAiJson.Default.ModelsBody));
    }

    /// <summary>One model.</summary>
    [Function(nameof(GetModel)), RequiresPermission(Permission.UseModels), Methods("GET")]
    public IActionResult GetModel(
        [HttpTrigger(AuthorizationLevel.Anonymous, "get", "head", "post", "put", "patch", "delete", "options", Route = "v1/models/{id}")] HttpRequest request,
        string id)
    {
        _ = request;
        return gateway.Find(id) is { } model ? new OpenAiResult(JsonSerializer.SerializeToUtf8Bytes(Body(model), OpenAiJson.Default.ModelBody)) : OpenAiError.Of(new UnknownModelException(id), clock.GetUtcNow())!;
    }

    async Task<IActionResult> AskAsync(HttpRequest request, CallKind kind, Func<WireRequest, CallTerms, Restoration, Task<IActionResult>> ask, CancellationToken cancellationToken)
    {
        try
        {
            var (asked, problem) = await RequestBody.ReadAsync(request, kind, cancellationToken);
            if (asked is null)
                return OpenAiError.Of(problem!);
            var app = await CallHeaders.AppAsync(request, apps, cancellationToken);
            var terms = CallHeaders.Read(request, app, asked);
            return await ask(asked, terms, await asked.MaskAsync(masking, app, cancellationToken));
        }
        catch (Exception e) when (OpenAiError.Of(e, clock.GetUtcNow()) is not null)
        {
            return OpenAiError.Of(e, clock.GetUtcNow())!;
        }
    }

    static ModelBody Body(RouteSettings model) => new(model.Name, "model", 0, "aios");
}

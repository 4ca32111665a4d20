using AiOs.ControlPlane.Apps;
using AiOs.Functions.Http;
using AiOs.Functions.Http.OpenAi;
using AiOs.Security;
using AiOs.Serving.Calls;
using AiOs.Serving.Gateway;
using AiOs.Serving.Wire;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;
using Microsoft.Azure.Functions.Worker;

namespace AiOs.Functions;

/// <summary>Scores and classes: models that take tensors by name and give tensors by name, in the JSON of the Open Inference Protocol.</summary>
public sealed class InferApi(ModelGateway gateway, Masking masking, InstalledApps apps, TimeProvider clock)
{
    /// <summary>Asks a model. What is personal in texts is masked before it leaves and put back into the answer.</summary>
    [Function(nameof(InferTensors)), RequiresPermission(Permission.UseModels), Methods("POST")]
    public async Task<IActionResult> InferTensors(
        [HttpTrigger(AuthorizationLevel.Anonymous, "get", "head", "post", "put", "patch", "delete", "options", Route = "api/models/{model}/infer")] HttpRequest request,
        string model,
        CancellationToken cancellationToken)
    {
        try
        {
            var (body, problem) = await RequestBody.ReadAsync(request, json => WireRequest.ParseTensors(json, model), cancellationToken);
            if (body is null)
                return problem!.ToResult();
            var app = await CallHeaders.AppAsync(request, apps, cancellationToken);
            var terms = CallHeaders.Read(request, app, body);
            var restoration = await body.MaskAsync(masking, app, cancellationToken);
            var answer = await gateway.InferAsync(body, terms, cancellationToken);
            CallHeaders.Write(request.HttpContext.Response, answer.CallId, answer.Deployment, CallEnd.Answered, answer.SoftExceeded);
            return new OpenAiResult(restoration.Reply(answer.Json));
        }
        catch (Exception e) when (ModelProblem.Of(e, clock.GetUtcNow()) is not null)
        {
            return ModelProblem.Of(e, clock.GetUtcNow())!.ToResult();
        }
    }
}

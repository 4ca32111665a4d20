using AiOs.Functions.Http;
using AiOs.Security;
using AiOs.Serving.Gateway;
using AiOs.Serving.Reports;
using AiOs.Serving.Routing;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;
using Microsoft.Azure.Functions.Worker;

namespace AiOs.Functions;

/// <summary>What the operator says about models, and how they are: no secret is among it.</summary>
public sealed class ModelFactsApi(ModelGateway gateway, ServingStats stats)
{
    /// <summary>Every model by name, each as <see cref="GetModelFacts"/> tells it.</summary>
    [Function(nameof(ListModelFacts)), RequiresPermission(Permission.OperateSystem), Methods("GET")]
    public IActionResult ListModelFacts(
        [HttpTrigger(AuthorizationLevel.Anonymous, "get", "head", "post", "put", "patch", "delete", "options", Route = "api/models")] HttpRequest request)
    {
        _ = request;
        return new OkObjectResult(new { models = gateway.Models.OrderBy(model => model.Name, StringComparer.Ordinal).Select(Body) });
    }

    /// <summary>One model: its kind and limits, its deployments and whether each is asked at the moment, and its last five minutes, as this instance sees them.</summary>
    [Function(nameof(GetModelFacts)), RequiresPermission(Permission.OperateSystem), Methods("GET")]
    public IActionResult GetModelFacts(
        [HttpTrigger(AuthorizationLevel.Anonymous, "get", "head", "post", "put", "patch", "delete", "options", Route = "api/models/{name}")] HttpRequest request,
        string name)
    {
        _ = request;
        if (gateway.Find(name) is not { } model)
        {
            var known = gateway.Models.Select(other => other.Name).ToArray();
            return Problem.NotFound($"There is no model '{(name.Length > 100 ? name[..100] : name)}'; {(known.Length == 0 ? "none is configured (docs/models.md)." : $"there are: {string.Join(", ", known)}.")}").ToResult();
        }

        return new OkObjectResult(Body(model));
    }

    object Body(RouteSettings model) => new
    {
        model.Name,
        model.Kind,
        timeoutSeconds = model.Timeout.TotalSeconds,
        maxTokens = model.Kind == Serving.Calls.CallKind.Chat ? model.MaxTokens : (int?)null,
        imageTokens = model.Kind == Serving.Calls.CallKind.Chat ? model.ImageTokens : (int?)null,
        degraded = model.Degraded is not null,
        cached = model.Cache is not null,
        deployments = model.Deployments.Zip(gateway.States(model.Name), Body),
        calls = stats.Report(model.Name).Models.FirstOrDefault(),
    };

    static object Body(DeploymentSettings settings, DeploymentState state) => new
    {
        settings.Name,
        settings.Role,
        settings.Backend,
        settings.Url,   // without user, query and fragment
        settings.Model,
        settings.Version,
        state,
        settings.Share,
        timeoutSeconds = settings.Timeout.TotalSeconds,
        settings.Retries,
        settings.Concurrency,
        settings.Queue,
        breaker = new { settings.Breaker.Share, settings.Breaker.Calls, withinSeconds = settings.Breaker.Within.TotalSeconds, restSeconds = settings.Breaker.Rest.TotalSeconds },
        settings.Prices,
    };
}

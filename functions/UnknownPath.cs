using AiOs.Functions.Http;
using AiOs.Security;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;
using Microsoft.Azure.Functions.Worker;

namespace AiOs.Functions;

/// <summary>Paths under <c>api/</c> that nothing else has: told so in words, where the host would answer an empty 404. <c>api</c> itself is the entry, from which the rest is found.</summary>
public static class UnknownPath
{
    /// <summary>The path of the entry.</summary>
    public const string Entry = "/api";

    /// <summary>The entry for whoever reads it; else a 404, whoever asks and with whatever method.</summary>
    [Function(nameof(AnswerUnknownPath)), AllowAnonymousCallers, Methods("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")]
    public static IActionResult AnswerUnknownPath(
        [HttpTrigger(AuthorizationLevel.Anonymous, "get", "head", "post", "put", "patch", "delete", "options", Route = "api/{*rest}")] HttpRequest request) =>
        (HttpMethods.IsGet(request.Method) || HttpMethods.IsHead(request.Method)) && request.Path.Value?.TrimEnd('/') == Entry
            ? new OkObjectResult(new
            {
                name = "AiOs.Serverless",
                documentation = "docs/http.md",
                links = new { health = "/api/health", ready = "/api/ready", apps = "/api/apps", runs = "/api/runs", approvals = "/api/approvals", models = "/api/models", serving = "/api/serving", costs = "/api/costs", openAi = "/v1/models" },
            })
            : Problem.NotFound("There is nothing at this path; docs/http.md lists the paths that there are.").ToResult();
}

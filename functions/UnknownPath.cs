using AiOs.Functions.Http;
using AiOs.Security;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;
using Microsoft.Azure.Functions.Worker;

namespace AiOs.Functions;

/// <summary>Paths under <c>api/</c> that nothing else has: told so in words, where the host would answer an empty 404.</summary>
public static class UnknownPath
{
    /// <summary>A 404, whoever asks and with whatever method.</summary>
    [Function(nameof(AnswerUnknownPath)), AllowAnonymousCallers, Methods("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")]
    public static IActionResult AnswerUnknownPath(
        [HttpTrigger(AuthorizationLevel.Anonymous, "get", "head", "post", "put", "patch", "delete", "options", Route = "api/{*rest}")] HttpRequest request)
    {
        _ = request;
        return Problem.NotFound("There is nothing at this path; docs/http.md lists the paths that there are.").ToResult();
    }
}

using AiOs.ControlPlane.Apps;
using AiOs.DataPlane;
using AiOs.Functions.Http;
using AiOs.Security;
using Dapper;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;
using Microsoft.Azure.Functions.Worker;

namespace AiOs.Functions;

/// <summary>Whether the process lives and whether it can work. Anybody sees the status alone; an operator sees why.</summary>
public sealed class Health(Database database, InstalledApps apps)
{
    /// <summary>Answers as long as the process does.</summary>
    [Function(nameof(GetHealth)), AllowAnonymousCallers, Methods("GET", "HEAD")]
    public static IActionResult GetHealth(
        [HttpTrigger(AuthorizationLevel.Anonymous, "get", "head", "post", "put", "patch", "delete", "options", Route = "api/health")] HttpRequest request)
    {
        _ = request;
        return new OkObjectResult(new { status = "healthy" });
    }

    /// <summary>200 once the database answers, else 503.</summary>
    [Function(nameof(GetReady)), AllowAnonymousCallers, Methods("GET", "HEAD")]
    public async Task<IActionResult> GetReady(
        [HttpTrigger(AuthorizationLevel.Anonymous, "get", "head", "post", "put", "patch", "delete", "options", Route = "api/ready")] HttpRequest request,
        CancellationToken cancellationToken)
    {
        var databaseAnswers = await DatabaseAnswersAsync(cancellationToken);
        var installed = databaseAnswers ? (await apps.ListAsync(cancellationToken)).Count : 0;
        var status = databaseAnswers ? "ready" : "notReady";
        object body = request.Principal().May(Permission.OperateSystem) ? new { status, database = databaseAnswers ? "answers" : "away", apps = installed } : new { status };
        return new ObjectResult(body) { StatusCode = databaseAnswers ? StatusCodes.Status200OK : StatusCodes.Status503ServiceUnavailable };
    }

    async Task<bool> DatabaseAnswersAsync(CancellationToken cancellationToken)
    {
        try
        {
            return await database.ReadAsync(connection => connection.ExecuteScalarAsync<long>(new CommandDefinition("SELECT 1", cancellationToken: cancellationToken)), cancellationToken) == 1;
        }
        catch (Exception e) when (e is System.Data.Common.DbException or IOException or InvalidOperationException)
        {
            return false;
        }
    }
}

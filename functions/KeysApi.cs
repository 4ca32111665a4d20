using AiOs.Functions.Http;
using AiOs.Security;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;
using Microsoft.Azure.Functions.Worker;

namespace AiOs.Functions;

/// <summary>Client keys: made (shown once), listed without their secret, revoked.</summary>
public sealed class KeysApi(ClientKeys keys)
{
    /// <summary>Makes a key: <c>{name, roles: [owner|adjuster|operator|client]}</c>. The key itself is in this reply and nowhere else.</summary>
    [Function(nameof(CreateKey)), RequiresPermission(Permission.ManageKeys), Methods("GET", "POST")]
    public async Task<IActionResult> CreateKey(
        [HttpTrigger(AuthorizationLevel.Anonymous, "post", Route = "api/keys")] HttpRequest request,
        CancellationToken cancellationToken)
    {
        var (body, unreadable) = await JsonBody.ReadAsync(request, cancellationToken);
        if (body is null) return unreadable!.ToResult();
        var name = body.Text("name", required: true, maxBytes: 100);
        var names = body.Texts("roles", required: true);
        var roles = new List<Role>();
        foreach (var wanted in names ?? [])
        {
            if (Roles.Find(wanted) is { } role) roles.Add(role);
            else body.Wrong("roles", $"'{wanted}' is no role; the roles are owner, adjuster, operator, client.");
        }

        if (names is { Count: 0 }) body.Wrong("roles", "must name at least one role.");
        if (name is not null && ClientKeys.IsPersonal(name)) body.Wrong("name", "must hold no personal data: name the program or the team, not a person's address or number.");
        if (body.Verdict() is { } problem) return problem.ToResult();
        return new ObjectResult(await keys.CreateAsync(name!, roles, request.Principal(), cancellationToken)) { StatusCode = StatusCodes.Status201Created };
    }

    /// <summary>All keys, without their secrets.</summary>
    [Function(nameof(ListKeys)), RequiresPermission(Permission.ManageKeys), Methods("GET", "POST")]
    public async Task<IActionResult> ListKeys(
        [HttpTrigger(AuthorizationLevel.Anonymous, "get", "head", "put", "patch", "delete", "options", Route = "api/keys")] HttpRequest request,
        CancellationToken cancellationToken)
    {
        _ = request;
        return new OkObjectResult(new { keys = await keys.ListAsync(cancellationToken) });
    }

    /// <summary>Revokes a key; it stops working within seconds everywhere.</summary>
    [Function(nameof(RevokeKey)), RequiresPermission(Permission.ManageKeys), Methods("DELETE")]
    public async Task<IActionResult> RevokeKey(
        [HttpTrigger(AuthorizationLevel.Anonymous, "get", "head", "post", "put", "patch", "delete", "options", Route = "api/keys/{id}")] HttpRequest request,
        string id,
        CancellationToken cancellationToken)
    {
        return await keys.RevokeAsync(id, request.Principal(), cancellationToken) ? new NoContentResult() : Problem.NotFound($"There is no key '{id}'.").ToResult();
    }
}

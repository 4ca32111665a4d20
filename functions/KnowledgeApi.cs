using System.Globalization;
using AiOs.Agents.Retrieval;
using AiOs.Agents.Retrieval.Reading;
using AiOs.ControlPlane.Apps;
using AiOs.Functions.Http;
using AiOs.Security;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;
using Microsoft.Azure.Functions.Worker;

namespace AiOs.Functions;

/// <summary>The knowledge of an app: what its package brought and what was added since; added, removed and searched here.</summary>
public sealed class KnowledgeApi(InstalledApps apps, AddedKnowledge added, IKnowledgeSearch search, ISecurityEvents security, TimeProvider clock)
{
    /// <summary>The largest document in bytes (8 MB).</summary>
    public const int MaxBytes = 8 * 1024 * 1024;

    const int MostPassages = 50;

    /// <summary>Every document that the caller may read.</summary>
    [Function(nameof(ListKnowledge)), RequiresPermission(Permission.ReadApps), Methods("GET")]
    public async Task<IActionResult> ListKnowledge(
        [HttpTrigger(AuthorizationLevel.Anonymous, "get", "head", "post", "put", "patch", "delete", "options", Route = "api/apps/{app}/knowledge")] HttpRequest request,
        string app,
        CancellationToken cancellationToken)
    {
        var (index, problem) = await IndexAsync(app, cancellationToken);
        if (problem is not null) return problem.ToResult();
        var since = (await added.ListAsync(app, cancellationToken)).ToDictionary(document => document.Path, StringComparer.Ordinal);
        var documents = await search.ListAsync(index, RolesOf(request), cancellationToken);
        return new OkObjectResult(new
        {
            documents = documents.Select(document => new
            {
                document.Path, document.Passages, document.Roles, source = since.ContainsKey(document.Path) ? "added" : "package",
                since.GetValueOrDefault(document.Path)?.AddedAt, since.GetValueOrDefault(document.Path)?.AddedBy,
            }),
        });
    }

    /// <summary>Adds or replaces a document: its bytes, of the kind that its name ends in; <c>?roles=operator,adjuster</c> says who may read it.</summary>
    [Function(nameof(PutKnowledge)), RequiresPermission(Permission.DeployApps), Methods("PUT", "DELETE")]
    public async Task<IActionResult> PutKnowledge(
        [HttpTrigger(AuthorizationLevel.Anonymous, "get", "head", "post", "put", "patch", "options", Route = "api/apps/{app}/knowledge/{name}")] HttpRequest request,
        string app,
        string name,
        CancellationToken cancellationToken)
    {
        if (NameProblem(name) is { } wrong) return wrong.ToResult();
        var (_, problem) = await IndexAsync(app, cancellationToken);
        if (problem is not null) return problem.ToResult();
        var (bytes, tooLarge) = await JsonBody.ReadBytesAsync(request, MaxBytes, cancellationToken);
        if (tooLarge is not null) return tooLarge.ToResult();
        try
        {
            var roles = request.Query["roles"].ToString() is { Length: > 0 } given ? given.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries) : null;
            var document = await added.AddAsync(app, KnowledgeReader.Read(AddedKnowledge.Folder + name, bytes, roles), request.Principal().Id, cancellationToken);
            await TellAsync("knowledge.added", request, app, document.Path, cancellationToken);
            await IndexAsync(app, cancellationToken);   // built before the reply, so that the next message finds it
            return new OkObjectResult(document);
        }
        catch (InvalidDataException unreadable)
        {
            return new Problem(StatusCodes.Status422UnprocessableEntity, "The document cannot be read.", unreadable.Message).ToResult();
        }
    }

    /// <summary>Removes a document that was added.</summary>
    [Function(nameof(DeleteKnowledge)), RequiresPermission(Permission.DeployApps), Methods("PUT", "DELETE")]
    public async Task<IActionResult> DeleteKnowledge(
        [HttpTrigger(AuthorizationLevel.Anonymous, "delete", Route = "api/apps/{app}/knowledge/{name}")] HttpRequest request,
        string app,
        string name,
        CancellationToken cancellationToken)
    {
        if (!await added.RemoveAsync(app, AddedKnowledge.Folder + name, cancellationToken))
            return Problem.NotFound($"Nothing named '{name}' was added to '{app}'. What came with its package is removed by deploying a version without it.").ToResult();
        await TellAsync("knowledge.removed", request, app, AddedKnowledge.Folder + name, cancellationToken);
        return new NoContentResult();
    }

    /// <summary>The best passages for <c>?query=</c> among what the caller may read.</summary>
    [Function(nameof(SearchKnowledge)), RequiresPermission(Permission.ReadApps), Methods("GET")]
    public async Task<IActionResult> SearchKnowledge(
        [HttpTrigger(AuthorizationLevel.Anonymous, "get", "head", "post", "put", "patch", "delete", "options", Route = "api/apps/{app}/passages")] HttpRequest request,
        string app,
        CancellationToken cancellationToken)
    {
        var top = 5;
        var query = request.Query["query"].ToString();
        if (query.Length == 0) return Problem.BadField("query", "must be the words to search for.").ToResult();
        if (request.Query.ContainsKey("top") && !(int.TryParse(request.Query["top"], NumberStyles.None, CultureInfo.InvariantCulture, out top) && top is >= 1 and <= MostPassages))
            return Problem.BadField("top", $"must be a whole number from 1 to {MostPassages}.").ToResult();
        var (index, problem) = await IndexAsync(app, cancellationToken);
        return problem is not null ? problem.ToResult() : new OkObjectResult(new { passages = await search.SearchAsync(index, query, top, RolesOf(request), cancellationToken) });
    }

    async Task<(string Index, Problem? Problem)> IndexAsync(string app, CancellationToken cancellationToken)
    {
        if (await apps.FindAsync(app, cancellationToken) is not { } installed)
            return ("", Problem.NotFound($"There is no app '{app}'."));
        var (plan, damage) = await apps.ReadPlanAsync(installed.PlanDigest, cancellationToken);
        if (plan is null)
            return ("", Problem.Unreadable(app, damage));
        return plan.Steps.FirstOrDefault(step => step.Retrieve is not null)?.Retrieve is { } retrieve
            ? (await added.IndexAsync(app, retrieve.IndexRef, cancellationToken), null)
            : ("", Problem.Conflict($"The app '{app}' looks nothing up; give it a step with `retrieve`."));
    }

    ValueTask TellAsync(string type, HttpRequest request, string app, string path, CancellationToken cancellationToken) => security.RaiseAsync(
        new SecurityEvent(type, clock.GetUtcNow(), request.Principal().Id, "done", new Dictionary<string, string>(StringComparer.Ordinal) { ["app"] = app, ["document"] = path }), cancellationToken);

    static IReadOnlyCollection<string> RolesOf(HttpRequest request) => [.. request.Principal().Roles.Select(role => role.Name())];

    static Problem? NameProblem(string name) => name.Length is 0 or > 120 || name.Any(c => char.IsControl(c) || c is '/' or '\\') || name.StartsWith('.')
        ? Problem.BadField("name", $"must be a file name of at most 120 characters without slashes that ends in {KnowledgeReader.Kinds}.") : null;
}

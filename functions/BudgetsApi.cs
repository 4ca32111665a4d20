using System.Text.RegularExpressions;
using AiOs.Functions.Http;
using AiOs.Security;
using AiOs.Serving.Costs;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;
using Microsoft.Azure.Functions.Worker;

namespace AiOs.Functions;

/// <summary>Budgets: what calls of models may cost in a day or a month, by app, principal, model or all of them.</summary>
public sealed partial class BudgetsApi(BudgetList budgets)
{
    [GeneratedRegex("^[a-z0-9][a-z0-9-]{0,62}$", RegexOptions.NonBacktracking)]
    private static partial Regex Id { get; }

    /// <summary>All budgets, and how much of each is used.</summary>
    [Function(nameof(ListBudgets)), RequiresPermission(Permission.OperateSystem), Methods("GET")]
    public async Task<IActionResult> ListBudgets(
        [HttpTrigger(AuthorizationLevel.Anonymous, "get", "head", "post", "put", "patch", "delete", "options", Route = "api/budgets")] HttpRequest request,
        CancellationToken cancellationToken)
    {
        _ = request;
        return new OkObjectResult(new { budgets = (await budgets.ListAsync(cancellationToken)).Select(Line) });
    }

    /// <summary>Sets a budget: <c>{app?, principal?, model?, window: day|month, limit?, softLimit?}</c>, at least one limit. The reply warns where it is used up already.</summary>
    [Function(nameof(SetBudget)), RequiresPermission(Permission.OperateSystem), Methods("PUT", "DELETE")]
    public async Task<IActionResult> SetBudget(
        [HttpTrigger(AuthorizationLevel.Anonymous, "get", "head", "post", "put", "patch", "options", Route = "api/budgets/{id}")] HttpRequest request,
        string id,
        CancellationToken cancellationToken)
    {
        if (!Id.IsMatch(id)) return Problem.BadField("id", "must be 1 to 63 small letters, digits and hyphens.").ToResult();
        var (body, unreadable) = await JsonBody.ReadAsync(request, cancellationToken);
        if (body is null) return unreadable!.ToResult();
        var budget = new Budget(id, body.Text("window", required: true) == "month" ? BudgetWindow.Month : BudgetWindow.Day)
        {
            App = Scope(body, "app"), Principal = Scope(body, "principal"), Model = Scope(body, "model"), Limit = body.Amount("limit", Budget.MostLimit), SoftLimit = body.Amount("softLimit", Budget.MostLimit),
        };
        if (body.Text("window") is not (null or "" or "day" or "month")) body.Wrong("window", "must be day or month.");
        if (body.Verdict() is { } problem) return problem.ToResult();
        if (budget is { Limit: null, SoftLimit: null }) return Problem.BadField("limit", "is missing: a budget has a limit, a softLimit or both.").ToResult();
        if (budget.SoftLimit > budget.Limit) return Problem.BadField("softLimit", "must not be above limit, where calls are refused already.").ToResult();
        var isNew = await budgets.SetAsync(budget, request.Principal().Id, cancellationToken);
        return new ObjectResult((await budgets.ListAsync(cancellationToken)).Where(state => state.Budget.Id == id).Select(Line).FirstOrDefault()) { StatusCode = isNew ? StatusCodes.Status201Created : StatusCodes.Status200OK };
    }

    /// <summary>Removes a budget.</summary>
    [Function(nameof(RemoveBudget)), RequiresPermission(Permission.OperateSystem), Methods("PUT", "DELETE")]
    public async Task<IActionResult> RemoveBudget(
        [HttpTrigger(AuthorizationLevel.Anonymous, "delete", Route = "api/budgets/{id}")] HttpRequest request,
        string id,
        CancellationToken cancellationToken)
    {
        return await budgets.RemoveAsync(id, request.Principal().Id, cancellationToken) ? new NoContentResult() : Problem.NotFound($"There is no budget '{id}'.").ToResult();
    }

    static string? Scope(JsonBody body, string name)
    {
        var value = body.Text(name, maxBytes: 200);
        return value is { Length: 0 } ? body.Wrong(name, "must not be empty; leave it out to count all.") : value;
    }

    static object Line(BudgetState state) => new
    {
        state.Budget.Id, state.Budget.Scope, state.Budget.App, state.Budget.Principal, state.Budget.Model, state.Budget.Window, state.Budget.Limit, state.Budget.SoftLimit,
        state.Spent, state.Forfeited, state.Leased, state.ResetsAt, state.Warning,
    };
}

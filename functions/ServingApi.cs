using System.Globalization;
using System.Text.Json;
using AiOs.Functions.Http;
using AiOs.Security;
using AiOs.Serving.Captures;
using AiOs.Serving.Costs;
using AiOs.Serving.Reports;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;
using Microsoft.Azure.Functions.Worker;

namespace AiOs.Functions;

/// <summary>What models did: how fast and how well, what they cost, and call by call.</summary>
public sealed class ServingApi(ServingStats stats, CostReport costs, Captures captures, TimeProvider clock)
{
    /// <summary>Latency, throughput, errors, fallbacks, cache, tokens and cost of the last five minutes, by model and deployment, as this instance saw them; <c>model</c> for one.</summary>
    [Function(nameof(GetServing)), RequiresPermission(Permission.OperateSystem), Methods("GET")]
    public Task<IActionResult> GetServing(
        [HttpTrigger(AuthorizationLevel.Anonymous, "get", "head", "post", "put", "patch", "delete", "options", Route = "api/serving")] HttpRequest request,
        CancellationToken cancellationToken)
    {
        _ = cancellationToken;
        return Task.FromResult<IActionResult>(new OkObjectResult(stats.Report(Given(request, "model"))));
    }

    /// <summary>Costs by <c>app</c>, <c>principal</c>, <c>model</c> or <c>day</c>, over the days <c>from</c> to <c>to</c> (default: this month), UTC.</summary>
    [Function(nameof(GetCosts)), RequiresPermission(Permission.OperateSystem), Methods("GET")]
    public async Task<IActionResult> GetCosts(
        [HttpTrigger(AuthorizationLevel.Anonymous, "get", "head", "post", "put", "patch", "delete", "options", Route = "api/costs")] HttpRequest request,
        CancellationToken cancellationToken)
    {
        var today = DateOnly.FromDateTime(clock.GetUtcNow().UtcDateTime);
        if (!TryBy(Given(request, "by"), out var by)) return Problem.BadField("by", "must be one of app, principal, model, day.").ToResult();
        if (!TryDay(Given(request, "from"), new(today.Year, today.Month, 1), out var from)) return Problem.BadField("from", "must be a day such as 2026-03-31.").ToResult();
        if (!TryDay(Given(request, "to"), today, out var to)) return Problem.BadField("to", "must be a day such as 2026-03-31.").ToResult();
        if (from > to) return Problem.BadField("from", "must not be after to.").ToResult();
        var sums = await costs.SumAsync(by, from, to, cancellationToken);
        return new OkObjectResult(new { by, from, to, costs = sums, total = new CostSum("total", sums.Sum(s => s.Calls), sums.Sum(s => s.InputTokens), sums.Sum(s => s.OutputTokens), sums.Sum(s => s.Cost)) });
    }

    /// <summary>Captured calls, newest first, without input and output; <c>run</c>, <c>model</c>, <c>top</c> (1 to 200), <c>after</c>.</summary>
    [Function(nameof(ListCaptures)), RequiresPermission(Permission.OperateSystem), Methods("GET")]
    public async Task<IActionResult> ListCaptures(
        [HttpTrigger(AuthorizationLevel.Anonymous, "get", "head", "post", "put", "patch", "delete", "options", Route = "api/captures")] HttpRequest request,
        CancellationToken cancellationToken)
    {
        var (top, after) = (50, (long?)null);
        if (Given(request, "top") is { } most && !(int.TryParse(most, NumberStyles.None, CultureInfo.InvariantCulture, out top) && top is >= 1 and <= 200))
            return Problem.BadField("top", "must be a whole number from 1 to 200.").ToResult();
        if (Given(request, "after") is { } next)
        {
            if (!long.TryParse(next, NumberStyles.None, CultureInfo.InvariantCulture, out var position)) return Problem.BadField("after", "must be the `next` of an earlier page.").ToResult();
            after = position;
        }

        var page = await captures.ListAsync(new(Given(request, "run"), Given(request, "model"), top, after), cancellationToken);
        return new OkObjectResult(new { captures = page.Captures.Select(CaptureView.Of), page.Next });
    }

    /// <summary>One captured call with its masked input and output.</summary>
    [Function(nameof(GetCapture)), RequiresPermission(Permission.OperateSystem), Methods("GET")]
    public async Task<IActionResult> GetCapture(
        [HttpTrigger(AuthorizationLevel.Anonymous, "get", "head", "post", "put", "patch", "delete", "options", Route = "api/captures/{id}")] HttpRequest request,
        string id,
        CancellationToken cancellationToken)
    {
        _ = request;
        return await captures.GetAsync(id, cancellationToken) is { } capture ? new OkObjectResult(CaptureView.Of(capture)) : Problem.NotFound($"There is no capture '{id}' (any more).").ToResult();
    }

    static string? Given(HttpRequest request, string name) => request.Query[name].ToString() is { Length: > 0 } given ? given : null;

    static bool TryBy(string? text, out CostsBy by)
    {
        by = CostsBy.Model;
        return text is null || (text.All(char.IsAsciiLetter) && Enum.TryParse(text, ignoreCase: true, out by));
    }

    static bool TryDay(string? text, DateOnly otherwise, out DateOnly day)
    {
        day = otherwise;
        return text is null || DateOnly.TryParseExact(text, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out day);
    }
}

/// <summary>A capture as replies show it.</summary>
static class CaptureView
{
    public static object Of(Capture capture)
    {
        var call = capture.Call;
        return new
        {
            id = call.CallId, at = call.Began, call.Kind, call.Spender.App, call.Spender.Principal, call.Spender.Model, call.Deployment, call.ModelVersion, call.RunId, call.Step,
            tookMs = Ms(call.Took), queuedMs = Ms(call.Queued), firstPieceMs = Ms(call.FirstPiece), call.Attempts, call.Usage, call.End, call.Fallbacks, call.Failure, call.Shadow, call.Sensitive, capture.Cut,
            input = Json(call.Input), output = Json(call.Output),
        };
    }

    static double? Ms(TimeSpan? time) => time is { } value ? Math.Round(value.TotalMilliseconds, 3) : null;

    static JsonElement? Json(string? text)
    {
        if (text is null)
            return null;
        try
        {
            return JsonElement.Parse(text);
        }
        catch (JsonException)
        {
            return JsonSerializer.SerializeToElement(text);
        }
    }
}

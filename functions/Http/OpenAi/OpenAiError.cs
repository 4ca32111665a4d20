using System.Globalization;
using System.Text.Json;
using AiOs.Serving.Chat;
using AiOs.Serving.Costs;
using AiOs.Serving.Gateway;
using AiOs.Serving.Wire;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;

namespace AiOs.Functions.Http.OpenAi;

/// <summary>An error in OpenAI's own form: <c>{"error": {"message", "type", "param", "code"}}</c>, so that its clients raise what they raise for OpenAI.</summary>
/// <param name="Status">HTTP status code.</param>
/// <param name="Type">The kind: <c>invalid_request_error</c>, <c>insufficient_quota</c> ...</param>
/// <param name="Message">What was wrong and what to send instead.</param>
/// <param name="Param">The field, where one is to blame.</param>
/// <param name="Code">For programs.</param>
public sealed record OpenAiError(int Status, string Type, string Message, string? Param = null, string? Code = null) : IActionResult
{
    /// <summary>Where errors have this form.</summary>
    public static bool Covers(PathString path) => path.StartsWithSegments("/v1", StringComparison.OrdinalIgnoreCase);

    /// <summary>When to ask again.</summary>
    public TimeSpan? RetryAfter { get; init; }

    /// <summary>The methods that the resource has, for 405.</summary>
    public string? Allow { get; init; }

    /// <summary>A refusal of the gate.</summary>
    public static OpenAiError Of(Problem problem) => new(problem.Status, problem.Status switch
    {
        StatusCodes.Status401Unauthorized => "authentication_error",
        StatusCodes.Status403Forbidden => "permission_error",
        StatusCodes.Status429TooManyRequests => "rate_limit_error",
        >= 500 => "server_error",
        _ => "invalid_request_error",
    }, problem.Detail, problem.Fields.Count > 0 ? problem.Fields[0].Field : null, problem.Status == StatusCodes.Status401Unauthorized ? "invalid_api_key" : null) { RetryAfter = problem.RetryAfter, Allow = problem.Allow };

    /// <summary>What the gateway could not do; null for what nobody expected.</summary>
    public static OpenAiError? Of(Exception e, DateTimeOffset now) => e switch
    {
        WireException wrong => new(StatusCodes.Status400BadRequest, "invalid_request_error", wrong.Message, wrong.Param),
        UnknownModelException unknown => new(StatusCodes.Status404NotFound, "invalid_request_error", unknown.Message, "model", "model_not_found"),
        BudgetExceededException budget => new(StatusCodes.Status429TooManyRequests, "insufficient_quota", budget.Message, null, "insufficient_quota") { RetryAfter = budget.ResetsAt - now },
        ModelUnavailableException { IsRequests: true } refused => new(StatusCodes.Status400BadRequest, "invalid_request_error", refused.Message, refused.Param, refused.Failure == ModelFailure.Filtered ? "content_filter" : null),
        ModelUnavailableException failed => Unavailable(failed),
        ModelException broken => new(StatusCodes.Status502BadGateway, "server_error", "The answer broke off.", null, Name(broken.Failure)),
        _ => null,
    };

    static OpenAiError Unavailable(ModelUnavailableException e) => e.Failure switch
    {
        ModelFailure.Throttled => new(StatusCodes.Status429TooManyRequests, "rate_limit_error", e.Message, null, Name(ModelFailure.Throttled)) { RetryAfter = e.RetryAfter },
        ModelFailure.TimedOut => new(StatusCodes.Status504GatewayTimeout, "server_error", e.Message, null, Name(ModelFailure.TimedOut)),
        ModelFailure.Broken or ModelFailure.Rejected => new(StatusCodes.Status502BadGateway, "server_error", e.Message, null, Name(e.Failure.Value)),
        _ => new(StatusCodes.Status503ServiceUnavailable, "server_error", e.Message, null, "unavailable") { RetryAfter = e.RetryAfter ?? TimeSpan.FromSeconds(1) },
    };

    static string Name(ModelFailure failure) => JsonNamingPolicy.SnakeCaseLower.ConvertName(failure.ToString());

    /// <summary>The error as JSON.</summary>
    public byte[] ToJson() => JsonSerializer.SerializeToUtf8Bytes(new ErrorBody(new(Message, Type, Param, Code)), OpenAiJson.Default.ErrorBody);

    /// <inheritdoc/>
    public async Task ExecuteResultAsync(ActionContext context)
    {
        var response = context.HttpContext.Response;
        response.StatusCode = Status;
        response.ContentType = "application/json";
        if (RetryAfter is { } wait)
            response.Headers.RetryAfter = Math.Max(1, (long)Math.Ceiling(wait.TotalSeconds)).ToString(CultureInfo.InvariantCulture);
        if (Allow is { } methods)
            response.Headers.Allow = methods;
        if (Status == StatusCodes.Status401Unauthorized)
            response.Headers.WWWAuthenticate = "Bearer";
        var json = ToJson();
        response.ContentLength = json.Length;
        await response.Body.WriteAsync(json, context.HttpContext.RequestAborted);
    }
}

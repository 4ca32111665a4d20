using System.Globalization;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;

namespace AiOs.Functions.Http;

/// <summary>An expected refusal, as RFC 9457 problem details: what was wrong, in which field, and what to send instead.</summary>
/// <param name="Status">HTTP status code, 400-599.</param>
/// <param name="Title">A short, stable summary of the kind of problem.</param>
/// <param name="Detail">What was wrong with this request and what to send instead.</param>
public sealed record Problem(int Status, string Title, string Detail)
{
    /// <summary>The fields that are wrong, by JSON path, header or route parameter.</summary>
    public IReadOnlyList<FieldProblem> Fields { get; init; } = [];

    /// <summary>When to try again, for 429 and 503.</summary>
    public TimeSpan? RetryAfter { get; init; }

    /// <summary>The methods that the resource has, for 405.</summary>
    public string? Allow { get; init; }

    /// <summary>A 400 that names one field.</summary>
    public static Problem BadField(string field, string message) =>
        new(StatusCodes.Status400BadRequest, "The request is not valid.", $"{field}: {message}") { Fields = [new(field, message)] };

    /// <summary>A 404 that names what was not found.</summary>
    public static Problem NotFound(string what) => new(StatusCodes.Status404NotFound, "Not found.", what);

    /// <summary>A 409: the request is well formed, but the state of the resource forbids it.</summary>
    public static Problem Conflict(string detail) => new(StatusCodes.Status409Conflict, "Conflict.", detail);

    /// <summary>A 401: no key, or one that nobody issued.</summary>
    public static Problem Unauthorized() =>
        new(StatusCodes.Status401Unauthorized, "Unauthorized.", "The client key is missing, unknown or revoked: send one that is in force in the header x-functions-key, or as a bearer token in Authorization.");

    /// <summary>A 403: the principal is known, but lacks the right.</summary>
    public static Problem Forbidden(string detail) => new(StatusCodes.Status403Forbidden, "Forbidden.", detail);

    /// <summary>A 429: the caller is too fast; in <paramref name="wait"/> it may ask again.</summary>
    public static Problem TooMany(TimeSpan wait) =>
        new(StatusCodes.Status429TooManyRequests, "Too many requests.", "The rate of this caller is exceeded; wait and send the request again.") { RetryAfter = wait };

    /// <summary>A 503: the plan of an app is lost or damaged.</summary>
    /// <param name="app">The app.</param>
    /// <param name="why">What is known of it; null where it is only not known what the app takes.</param>
    public static Problem Unreadable(string app, string? why = null) => new(StatusCodes.Status503ServiceUnavailable, "The app cannot be used.",
        $"{why ?? $"The plan of '{app}' cannot be read, so that it is not known what it takes."} Nothing was started; an operator builds the app again (POST /api/apps/{app}/rebuild, ./aios rebuild {app}).") { RetryAfter = TimeSpan.FromMinutes(1) };

    /// <summary>The result that writes this problem as <c>application/problem+json</c> with its headers.</summary>
    public IActionResult ToResult() => new ProblemResult(this);

    sealed class ProblemResult(Problem problem) : IActionResult
    {
        public async Task ExecuteResultAsync(ActionContext context)
        {
            var response = context.HttpContext.Response;
            if (problem.RetryAfter is { } wait)
                response.Headers.RetryAfter = Math.Max(1, (long)Math.Ceiling(wait.TotalSeconds)).ToString(CultureInfo.InvariantCulture);
            if (problem.Allow is { } methods) response.Headers.Allow = methods;
            if (problem.Status == StatusCodes.Status401Unauthorized) response.Headers.WWWAuthenticate = "Bearer";
            var details = new ProblemDetails
            {
                Type = "https://www.rfc-editor.org/rfc/rfc9110#section-15." + (problem.Status < 500 ? "5" : "6"),
                Status = problem.Status,
                Title = problem.Title,
                Detail = problem.Detail,
            };
            if (problem.Fields.Count > 0) details.Extensions["errors"] = problem.Fields;
            var result = new ObjectResult(details) { StatusCode = problem.Status };
            result.ContentTypes.Add("application/problem+json");
            await result.ExecuteResultAsync(context);
        }
    }
}

/// <summary>One wrong field: its path and what to send instead.</summary>
public sealed record FieldProblem(string Field, string Message);

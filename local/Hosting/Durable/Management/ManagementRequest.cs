using System.Globalization;
using System.Text.Json;
using AiOs.Local.Durable;
using Microsoft.AspNetCore.Http;
using Microsoft.Azure.Functions.Worker;
using Microsoft.DurableTask.Client;

namespace AiOs.Local.Hosting.Durable.Management;

/// <summary>A call of the management API: its route values, its query and its body, and the client that serves it. What is malformed is refused with a <see cref="BadHttpRequestException"/>.</summary>
sealed class ManagementRequest(HttpContext http, DurableClientSource source)
{
    /// <summary>By this header pages are continued.</summary>
    public const string Continuation = "x-ms-continuation-token";

    public DurableTaskClient Client => source.Client;

    public DurableEngine Engine => source.Engine;

    public HttpResponse Response => http.Response;

    public CancellationToken Aborted => http.RequestAborted;

    public string Id => Route("id") ?? "";

    /// <summary>What the call is about: <c>id</c>, <c>name</c> or <c>name/key</c>.</summary>
    public string? Subject => string.Join('/', new[] { Route("name"), Route("key"), Route("id") }.OfType<string>()) is { Length: > 0 } subject ? subject : null;

    /// <summary>The address that was called, of an instance.</summary>
    public string Address => ManagementUrls.At(Root, Id, query: null).StatusQueryGetUri + http.Request.QueryString.ToUriComponent();

    /// <summary>Where the management API is for this caller.</summary>
    public string Root => $"{http.Request.Scheme}://{http.Request.Host.ToUriComponent()}/{ManagementEndpoints.Root}";

    /// <summary>A route value; a slash in it arrives escaped.</summary>
    public string? Route(string name) => http.Request.RouteValues.TryGetValue(name, out var value) && value is string text ? text.Replace("%2F", "/", StringComparison.OrdinalIgnoreCase) : null;

    public string? Text(string name) => http.Request.Query.TryGetValue(name, out var values) ? values.ToString() : null;

    public bool Flag(string name, bool otherwise) => Read(name, otherwise, "true or false", text => bool.TryParse(text, out var flag) ? flag : null);

    public int Number(string name, int otherwise, int most) => Read(
        name, otherwise, string.Create(CultureInfo.InvariantCulture, $"a number from 1 to {most}"),
        text => int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number >= 1 && number <= most ? number : null);

    public DateTimeOffset? Time(string name) => Text(name) is null ? null : Read<DateTimeOffset>(
        name, default, "a time like 2026-03-02T09:00:00Z",
        text => DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var time) ? time : null);

    /// <summary>Seconds; null when not given.</summary>
    public TimeSpan? Seconds(string name, int most) => Text(name) is null ? null : TimeSpan.FromSeconds(Read<double>(
        name, 0, string.Create(CultureInfo.InvariantCulture, $"seconds, 0 to {most}"),
        text => double.TryParse(text, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var seconds) && seconds <= most ? seconds : null));

    /// <summary>Statuses, several by commas or by repeating the parameter; null when not given.</summary>
    public IReadOnlyList<OrchestrationRuntimeStatus>? Statuses() => Text("runtimeStatus") is not { Length: > 0 } text ? null
        : [.. text.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries).Select(name => Enum.TryParse<OrchestrationRuntimeStatus>(name, ignoreCase: true, out var status) && Enum.IsDefined(status)
            ? status
            : throw Wrong("runtimeStatus", "of Pending, Running, Suspended, Completed, Failed and Terminated"))];

    public string? ContinuationToken => http.Request.Headers.TryGetValue(Continuation, out var token) && token.ToString() is { Length: > 0 } text ? text : null;

    /// <summary>Whether the body is said to be JSON.</summary>
    public bool HasJsonContentType => http.Request.ContentType?.Split(';')[0].Trim() is { } type && type.Equals("application/json", StringComparison.OrdinalIgnoreCase);

    public async Task<string> BodyAsync()
    {
        using var reader = new StreamReader(http.Request.Body);
        return await reader.ReadToEndAsync(Aborted);
    }

    /// <summary>The body as JSON; null when there is none.</summary>
    public async Task<object?> JsonAsync()
    {
        var body = await BodyAsync();
        try
        {
            return string.IsNullOrWhiteSpace(body) || JsonElement.Parse(body) is not { ValueKind: not JsonValueKind.Null } json ? null : json;
        }
        catch (JsonException malformed)
        {
            throw new BadHttpRequestException($"The body is not JSON: {malformed.Message}", malformed);
        }
    }

    T Read<T>(string name, T otherwise, string expected, Func<string, T?> parse) where T : struct =>
        Text(name) is not { } text ? otherwise : parse(text) ?? throw Wrong(name, expected);

    static BadHttpRequestException Wrong(string name, string expected) => new($"The parameter '{name}' must be {expected}.");
}

using System.Net;
using System.Text.Json;
using System.Text.Json.Serialization;
using Microsoft.Extensions.Primitives;

namespace Microsoft.Azure.Functions.Worker.Extensions.DurableTask.Http;

/// <summary>An HTTP call that an orchestrator makes through the host.</summary>
public class DurableHttpRequest
{
    /// <summary>With method and address.</summary>
    [JsonConstructor]
    public DurableHttpRequest(HttpMethod method, Uri uri)
    {
        Method = method;
        Uri = uri;
    }

    /// <summary>With headers.</summary>
    public DurableHttpRequest(HttpMethod method, Uri uri, IDictionary<string, StringValues>? headers, bool asynchronousPatternEnabled = false)
        : this(method, uri)
    {
        Headers = headers;
        AsynchronousPatternEnabled = asynchronousPatternEnabled;
    }

    /// <summary>The method.</summary>
    [JsonPropertyName("method")]
    [JsonConverter(typeof(HttpMethodConverter))]
    public HttpMethod Method { get; }

    /// <summary>The address.</summary>
    [JsonPropertyName("uri")]
    public Uri Uri { get; }

    /// <summary>The headers.</summary>
    [JsonPropertyName("headers")]
    [JsonConverter(typeof(HttpHeadersConverter))]
    public IDictionary<string, StringValues>? Headers { get; set; }

    /// <summary>The body.</summary>
    [JsonPropertyName("content")]
    public string? Content { get; set; }

    /// <summary>Whether a 202 is followed until it is settled.</summary>
    [JsonPropertyName("asynchronousPatternEnabled")]
    public bool AsynchronousPatternEnabled { get; set; }

    /// <summary>How failures are retried.</summary>
    [JsonPropertyName("retryOptions")]
    public HttpRetryOptions? HttpRetryOptions { get; set; }

    /// <summary>How long the call may take.</summary>
    [JsonPropertyName("timeout")]
    public TimeSpan? Timeout { get; set; }
}

/// <summary>What came back.</summary>
public class DurableHttpResponse
{
    /// <summary>With a status.</summary>
    public DurableHttpResponse(HttpStatusCode statusCode) => StatusCode = statusCode;

    /// <summary>The status.</summary>
    [JsonPropertyName("statusCode")]
    public HttpStatusCode StatusCode { get; }

    /// <summary>The headers.</summary>
    [JsonPropertyName("headers")]
    [JsonConverter(typeof(HttpHeadersConverter))]
    public IDictionary<string, StringValues>? Headers { get; init; }

    /// <summary>The body.</summary>
    [JsonPropertyName("content")]
    public string? Content { get; init; }
}

/// <summary>How a durable HTTP call is retried.</summary>
public class HttpRetryOptions
{
    /// <summary>For these statuses.</summary>
    public HttpRetryOptions(IList<HttpStatusCode>? statusCodesToRetry = null) => StatusCodesToRetry = statusCodesToRetry ?? [];

    /// <summary>The wait before the second attempt.</summary>
    [JsonPropertyName("FirstRetryInterval")]
    public TimeSpan FirstRetryInterval { get; set; }

    /// <summary>The longest wait.</summary>
    [JsonPropertyName("MaxRetryInterval")]
    public TimeSpan MaxRetryInterval { get; set; } = TimeSpan.FromDays(6);

    /// <summary>What each wait is multiplied by.</summary>
    [JsonPropertyName("BackoffCoefficient")]
    public double BackoffCoefficient { get; set; } = 1;

    /// <summary>How long retrying goes on.</summary>
    [JsonPropertyName("RetryTimeout")]
    public TimeSpan RetryTimeout { get; set; } = TimeSpan.MaxValue;

    /// <summary>Attempts in all.</summary>
    [JsonPropertyName("MaxNumberOfAttempts")]
    public int MaxNumberOfAttempts { get; set; }

    /// <summary>Statuses that are retried; every 5xx when empty.</summary>
    [JsonPropertyName("StatusCodesToRetry")]
    public IList<HttpStatusCode> StatusCodesToRetry { get; }
}

sealed class HttpMethodConverter : JsonConverter<HttpMethod>
{
    public override HttpMethod Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) => new(reader.GetString() ?? "");

    public override void Write(Utf8JsonWriter writer, HttpMethod value, JsonSerializerOptions options) => writer.WriteStringValue(value.Method);
}

/// <summary>Headers as an object whose members are a text or a list of texts.</summary>
sealed class HttpHeadersConverter : JsonConverter<IDictionary<string, StringValues>>
{
    public override IDictionary<string, StringValues> Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        using var document = JsonDocument.ParseValue(ref reader);
        var headers = new Dictionary<string, StringValues>(StringComparer.OrdinalIgnoreCase);
        foreach (var header in document.RootElement.EnumerateObject())
            headers[header.Name] = header.Value.ValueKind == JsonValueKind.Array
                ? new([.. header.Value.EnumerateArray().Select(v => v.GetString())])
                : new(header.Value.GetString());
        return headers;
    }

    public override void Write(Utf8JsonWriter writer, IDictionary<string, StringValues> value, JsonSerializerOptions options)
    {
        writer.WriteStartObject();
        foreach (var (name, values) in value)
        {
            if (values.Count == 1)
            {
                writer.WriteString(name, values[0]);
                continue;
            }
            writer.WriteStartArray(name);
            foreach (var text in values)
                writer.WriteStringValue(text);
            writer.WriteEndArray();
        }
        writer.WriteEndObject();
    }
}

using Microsoft.Azure.Functions.Worker.Http;
using Microsoft.DurableTask.Client;

namespace Microsoft.Azure.Functions.Worker;

/// <summary>A client that knows where its host serves the management API.</summary>
interface IManagedByHttp
{
    /// <summary>Like <c>http://localhost:7071/runtime/webhooks/durabletask</c>.</summary>
    string? ManagementUrl { get; }

    /// <summary>What every address carries, like <c>code=...</c>.</summary>
    string? ManagementQuery { get; }
}

/// <summary>Addresses of the management API for one instance.</summary>
static class ManagementUrls
{
    const string Webhooks = "/runtime/webhooks/durabletask";

    public static HttpManagementPayload For(DurableTaskClient client, string instanceId, HttpRequestData? request)
    {
        ArgumentException.ThrowIfNullOrEmpty(instanceId);
        var host = client as IManagedByHttp;
        var root = request is not null ? Authority(request) + Webhooks : host?.ManagementUrl
            ?? throw new InvalidOperationException("Neither a request nor the client tells where the management API is; pass the request.");
        return At(root, instanceId, host?.ManagementQuery);
    }

    /// <summary>Addresses under <paramref name="root"/>, like <c>http://localhost:7071/runtime/webhooks/durabletask</c>, each with <paramref name="query"/>.</summary>
    public static HttpManagementPayload At(string root, string instanceId, string? query)
    {
        var instance = $"{root}/instances/{Uri.EscapeDataString(instanceId)}";
        return new()
        {
            Id = instanceId,
            StatusQueryGetUri = With(instance),
            PurgeHistoryDeleteUri = With(instance),
            SendEventPostUri = With(instance + "/raiseEvent/{eventName}"),
            TerminatePostUri = With(instance + "/terminate", "reason={text}"),
            SuspendPostUri = With(instance + "/suspend", "reason={text}"),
            ResumePostUri = With(instance + "/resume", "reason={text}"),
        };

        string With(string url, string? own = null)
        {
            var all = string.Join('&', new[] { own, query }.Where(part => !string.IsNullOrEmpty(part)));
            return all.Length == 0 ? url : $"{url}?{all}";
        }
    }

    // Behind a proxy the address that the caller used is in X-Forwarded-Proto and X-Forwarded-Host (first of each), or in Forwarded (RFC 7239).
    static string Authority(HttpRequestData request)
    {
        var scheme = Forwarded(request, "X-Forwarded-Proto", "proto") ?? request.Url.Scheme;
        var host = Forwarded(request, "X-Forwarded-Host", "host");
        return host is null && scheme == request.Url.Scheme ? request.Url.GetLeftPart(UriPartial.Authority) : $"{scheme}://{host ?? request.Url.Authority}";
    }

    static string? Forwarded(HttpRequestData request, string header, string part)
    {
        if (First(request, "Forwarded")?.Split(';', StringSplitOptions.TrimEntries)
                .FirstOrDefault(p => p.StartsWith(part + "=", StringComparison.OrdinalIgnoreCase)) is { } pair)
            return pair[(part.Length + 1)..].Trim('"');
        return First(request, header);
    }

    static string? First(HttpRequestData request, string header) =>
        request.Headers.TryGetValues(header, out var values) && values.FirstOrDefault() is { Length: > 0 } value
            ? value.Split(',', StringSplitOptions.TrimEntries)[0]
            : null;
}

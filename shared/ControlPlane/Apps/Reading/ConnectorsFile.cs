using System.Text.Json;
using AiOs.Agents.Actions;
using AiOs.DataPlane.Yaml;
using AiOs.Policies.Cel;

namespace AiOs.ControlPlane.Apps.Reading;

/// <summary>A connector with the places that later checks complain about.</summary>
sealed record ReadConnector(Connector Connector, YamlScalar Name, RequestPlaces Request, RequestPlaces? Probe, YamlScalar? Done, YamlScalar? Result, Problems Problems);

/// <summary>Where the parts of a request stand.</summary>
sealed record RequestPlaces(YamlScalar Url, IReadOnlyList<YamlScalar> Headers, IReadOnlyList<YamlScalar> Body);

/// <summary>Reads connectors.yaml: what may be called, how, and what a repeated call does.</summary>
static class ConnectorsFile
{
    static readonly string[] Methods = ["GET", "POST", "PUT", "PATCH", "DELETE"];

    /// <summary>The connectors that are right; the names of those that are not go to <paramref name="unreadable"/>.</summary>
    public static Dictionary<string, ReadConnector> Read(YamlNode? root, HashSet<string> unreadable, Problems problems)
    {
        var connectors = new Dictionary<string, ReadConnector>(StringComparer.Ordinal);
        if (root is not YamlMap map)
        {
            if (root is not null)
                problems.Add(root, $"The file is a map from calls to their requests; found {root.Article}.", "payments.payout: {request: ...}");
            return connectors;
        }
        foreach (var (key, value) in map.Entries)
            if (!Names.Call.IsMatch(key.Value) || key.Value.Length > Names.MaxName)
                problems.Add(key, $"A call is named system.call; found `{key.Value}`.", "payments.payout");
            else if (Connector(key, value, problems) is { } connector)
                connectors[key.Value] = connector;
            else
                unreadable.Add(key.Value);
        return connectors;
    }

    static ReadConnector? Connector(YamlScalar name, YamlNode node, Problems problems)
    {
        if (Section.Of(node, problems, $"the connector `{name.Value}`", "request", "effect", "idempotency", "timeout", "retry", "probe") is not { } connector)
            return null;
        var request = connector.Required("request", "{method: POST, url: ...}") is { } given ? Request(given, problems) : null;
        var effect = connector.Word("effect", ["reads", "writes", "irreversible"], "writes");
        var idempotency = connector.Word("idempotency", ["key", "natural", "probe", "none"], effect == "reads" ? "natural" : "key");
        var timeout = connector.Duration("timeout", TimeSpan.FromMilliseconds(50), TimeSpan.FromMinutes(5), "5s") ?? TimeSpan.FromSeconds(10);
        var retry = Retry(connector);
        Section? probe = null;
        if (connector.Has("probe"))
            probe = Section.Of(connector["probe"], problems, "`probe`", "request", "done", "result");
        else if (idempotency == "probe")
            problems.Add(name, $"`{name.Value}` says `idempotency: probe` and has no `probe`.", "probe: {request: {method: GET, url: ...}, done: response.status == 200}");
        var probeRequest = probe?.Required("request", "{method: GET, url: ...}") is { } asks ? Request(asks, problems) : null;
        var done = probe?.Scalar("done", "response.status == 200");
        if (request is null || effect is null || idempotency is null)
            return null;
        return new ReadConnector(new Connector
        {
            Name = name.Value,
            Request = request.Value.Request,
            Effect = Enum.Parse<Effect>(effect, ignoreCase: true),
            Idempotency = Enum.Parse<Idempotency>(idempotency, ignoreCase: true),
            Timeout = timeout,
            Retry = retry,
            Probe = probeRequest is { } found && done is not null ? new ConnectorProbe(found.Request, done.Value, probe!.Scalar("result")?.Value) : null,
        }, name, request.Value.Places, probeRequest?.Places, done, probe?.Scalar("result"), problems);
    }

    static RetryOptions Retry(Section connector)
    {
        var standard = new RetryOptions(1, TimeSpan.FromMilliseconds(200));
        if (!connector.Has("retry") || Section.Of(connector["retry"], connector.Problems, "`retry`", "attempts", "backoff") is not { } retry)
            return standard;
        return new RetryOptions(retry.Integer("attempts", 1, 20) ?? 1, retry.Duration("backoff", TimeSpan.FromMilliseconds(1), TimeSpan.FromMinutes(5), "200ms") ?? standard.Backoff);
    }

    static (ConnectorRequest Request, RequestPlaces Places)? Request(YamlNode node, Problems problems)
    {
        if (Section.Of(node, problems, "`request`", "method", "url", "headers", "body") is not { } request)
            return null;
        var (method, url) = (request.Word("method", Methods, "POST"), request.Scalar("url", "'${SANDBOX_URL}/payouts'"));
        var headers = Headers(request);
        var leaves = new List<YamlScalar>();
        var body = request.Has("body") ? Body(request["body"]!, leaves) : null;
        if (method is "GET" && body is not null)
            problems.Add(request["body"]!, "A GET request has no body.", "method: POST, or the values in the url");
        return method is null || url is null ? null
            : (new ConnectorRequest(method, url.Value, headers.ToDictionary(header => header.Key.Value, header => header.Value.Value, StringComparer.OrdinalIgnoreCase), body),
                new RequestPlaces(url, [.. headers.Select(header => header.Value)], leaves));
    }

    static List<KeyValuePair<YamlScalar, YamlScalar>> Headers(Section request)
    {
        var headers = new List<KeyValuePair<YamlScalar, YamlScalar>>();
        if (!request.Has("headers"))
            return headers;
        if (request["headers"] is not YamlMap map)
        {
            request.Problems.Add(request["headers"]!, "`headers` is a map.", "headers: {authorization: 'secret:payments-key'}");
            return headers;
        }
        foreach (var (key, value) in map.Entries)
            if (value is not YamlScalar scalar || scalar.Value.Any(char.IsControl))
                request.Problems.Add(value, $"The header `{key.Value}` is one line of text.");
            else if (key.Value.Length == 0 || !key.Value.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_'))
                request.Problems.Add(key, $"`{key.Value}` is no name of a header.");
            else if (key.Value.ToLowerInvariant() is "host" or "content-length" or "transfer-encoding" or "connection" or "idempotency-key")
                request.Problems.Add(key, $"The header `{key.Value}` is set by the OS.", "leave it out");
            else if (headers.Any(header => header.Key.Value.Equals(key.Value, StringComparison.OrdinalIgnoreCase)))
                request.Problems.Add(key, $"The header `{key.Value}` stands twice.");
            else
                headers.Add(new(key, scalar));
        return headers;
    }

    static JsonElement? Body(YamlNode node, List<YamlScalar> leaves)
    {
        Collect(node);
        return CelValue.ToJson(YamlJson.Value(node));

        void Collect(YamlNode part)
        {
            switch (part)
            {
                case YamlMap map:
                    foreach (var (_, value) in map.Entries)
                        Collect(value);
                    break;
                case YamlList list:
                    foreach (var item in list.Items)
                        Collect(item);
                    break;
                case YamlScalar scalar when YamlJson.Value(scalar) is string:
                    leaves.Add(scalar);
                    break;
            }
        }
    }
}

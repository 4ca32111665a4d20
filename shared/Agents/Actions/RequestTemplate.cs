using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using AiOs.DataPlane;
using AiOs.Policies.Cel;
using AiOs.Security;

namespace AiOs.Agents.Actions;

/// <summary>A request with everything filled in: it may hold originals and secrets, so it is sent and forgotten.</summary>
sealed record FilledRequest(HttpMethod Method, Uri Url, IReadOnlyList<KeyValuePair<string, string>> Headers, byte[]? Body)
{
    /// <summary>What of it the other side must not be quoted with.</summary>
    public Hidden Hidden { get; init; } = Hidden.Nothing;

    /// <summary>A message of its own for each attempt.</summary>
    public HttpRequestMessage ToMessage(string? idempotencyKey)
    {
        var message = new HttpRequestMessage(Method, Url);
        if (Body is not null)
        {
            message.Content = new ByteArrayContent(Body);
            message.Content.Headers.ContentType = new("application/json");
        }

        message.Headers.Accept.Add(new("application/json"));
        foreach (var (name, value) in Headers)
            if (!message.Headers.TryAddWithoutValidation(name, value) && message.Content is { } content)
            {
                content.Headers.Remove(name);
                content.Headers.TryAddWithoutValidation(name, value);
            }

        if (idempotencyKey is not null)
            message.Headers.TryAddWithoutValidation("Idempotency-Key", idempotencyKey);
        return message;
    }
}

/// <summary>The request cannot be filled in. The message names settings, secrets and expressions, never values.</summary>
sealed class RequestException(string message) : Exception(message);

/// <summary>Fills in request templates: settings, CEL, secrets, and originals for exactly what <c>reveal</c> names.</summary>
public sealed partial class RequestTemplate(ConnectorSettings settings, ISecrets secrets, Vault vault)
{
    [GeneratedRegex(@"(?<=^| )secret:(?<name>[A-Za-z0-9][A-Za-z0-9._-]*)", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Secret { get; }

    /// <summary>Fills in a request of <paramref name="app"/>.</summary>
    /// <exception cref="RequestException">Something that it names is missing.</exception>
    internal async Task<FilledRequest> FillAsync(string app, ConnectorRequest request, IReadOnlyDictionary<string, object?> variables, CancellationToken cancellationToken)
    {
        var hidden = Hidden.Nothing;
        try
        {
            var secretsOfApp = await SecretsAsync(app, request, cancellationToken);
            var reveal = new Reveal();
            var sheet = new Sheet(request, settings, reveal, secretsOfApp);
            // The first pass finds out what is to be revealed, the second has it.
            sheet.Fill(variables);
            if (reveal.Wanted.Count == 0)
                return sheet.Fill(variables) with { Hidden = new(secretsOfApp, new Dictionary<string, string>(StringComparer.Ordinal)) };
            var originals = new Dictionary<string, string>(StringComparer.Ordinal);
            foreach (var token in reveal.Wanted.SelectMany(masked => Vault.TokenPattern.Matches(masked).Select(match => match.Value)).Distinct(StringComparer.Ordinal))
                originals[token] = await OriginalAsync(token, cancellationToken);
            foreach (var masked in reveal.Wanted)
                reveal.Known[masked] = Vault.TokenPattern.Replace(masked, match => originals[match.Value]);
            hidden = new(secretsOfApp, originals);
            return sheet.Fill(variables) with { Hidden = hidden };
        }
        catch (Exception e) when (e is CelException or CelEvaluationException or FormatException)
        {
            throw new RequestException(hidden.CoverOriginals(hidden.CoverSecrets(e.Message)));
        }
    }

    /// <summary>The originals of all tokens in <paramref name="arguments"/>, to be hidden and not to be sent.</summary>
    internal async Task<Hidden> HiddenInAsync(JsonElement arguments, CancellationToken cancellationToken)
    {
        var originals = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var token in Vault.TokenPattern.Matches(arguments.GetRawText()).Select(match => match.Value).Distinct(StringComparer.Ordinal))
            if (await vault.RevealAsync(token, cancellationToken) is var original && original != token)
                originals[token] = original;
        return new(new Dictionary<string, string>(StringComparer.Ordinal), originals);
    }

    async Task<string> OriginalAsync(string token, CancellationToken cancellationToken)
    {
        var original = await vault.RevealAsync(token, cancellationToken);
        return Vault.ContainsToken(original) ? throw new RequestException("The vault does not hold what is to be revealed.") : original;
    }

    async Task<IReadOnlyDictionary<string, string>> SecretsAsync(string app, ConnectorRequest request, CancellationToken cancellationToken)
    {
        var found = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var text in request.Headers.Values.Concat(Strings(request.Body)))
            foreach (Match match in Secret.Matches(text))
            {
                var name = match.Groups["name"].Value;
                found[name] = await secrets.GetAsync(app, name, cancellationToken) ?? throw new RequestException($"The secret '{name}' is not granted to {app}.");
            }

        return found;
    }

    static IEnumerable<string> Strings(JsonElement? json) => json switch
    {
        { ValueKind: JsonValueKind.String } text => [text.GetString()!],
        { ValueKind: JsonValueKind.Array } list => list.EnumerateArray().SelectMany(item => Strings(item)),
        { ValueKind: JsonValueKind.Object } map => map.EnumerateObject().SelectMany(member => Strings(member.Value)),
        _ => [],
    };

    /// <summary>The originals by masked text; what is not known yet is noted down.</summary>
    sealed class Reveal
    {
        public Dictionary<string, string> Known { get; } = new(StringComparer.Ordinal);

        public HashSet<string> Wanted { get; } = new(StringComparer.Ordinal);

        public CelFunction Function => new("reveal", [CelType.String], CelType.String, arguments => Original((string)arguments[0]!));

        string Original(string masked)
        {
            if (Known.TryGetValue(masked, out var original))
                return original;
            if (Vault.ContainsToken(masked))
                Wanted.Add(masked);
            return masked;
        }
    }

    /// <summary>One template with its expressions compiled.</summary>
    sealed class Sheet(ConnectorRequest request, ConnectorSettings settings, Reveal reveal, IReadOnlyDictionary<string, string> secrets)
    {
        readonly Dictionary<string, CelProgram> programs = new(StringComparer.Ordinal);

        public FilledRequest Fill(IReadOnlyDictionary<string, object?> variables)
        {
            var environment = new CelEnvironment(variables.Keys.ToDictionary(name => name, _ => CelType.Dyn, StringComparer.Ordinal), reveal.Function);
            return new(HttpMethod.Parse(request.Method), Url(environment, variables), [.. request.Headers.Select(header => KeyValuePair.Create(header.Key, Header(header.Value)))],
                request.Body is { } body ? JsonSerializer.SerializeToUtf8Bytes(Node(body, environment, variables), AiOsJson.Options) : null);
        }

        Uri Url(CelEnvironment environment, IReadOnlyDictionary<string, object?> variables)
        {
            var (text, missing) = settings.Fill(request.Url);
            if (missing.Count > 0)
                throw new RequestException($"The setting {missing[0]} is missing.");
            var url = CelTemplate.Compile(text, environment).Render(variables, value => value.Length > 0 ? Uri.EscapeDataString(value) : throw new RequestException("A value in the URL is empty."));
            // A value must not climb: "." and ".." would name another path.
            var path = url.Split('?', '#')[0];
            if (path.Split('/').Skip(3).Any(segment => segment is "." or ".."))
                throw new RequestException("A value in the URL is '.' or '..'.");
            return Uri.TryCreate(url, UriKind.Absolute, out var parsed) && parsed.Scheme is "http" or "https" && parsed.UserInfo.Length == 0
                ? parsed : throw new RequestException("The URL is not an absolute http or https URL.");
        }

        string Header(string text)
        {
            var value = Secret.Replace(text, match => secrets[match.Groups["name"].Value]);
            return value.Any(char.IsControl) ? throw new RequestException("A header would hold a control character.") : value;
        }

        JsonNode? Node(JsonElement template, CelEnvironment environment, IReadOnlyDictionary<string, object?> variables)
        {
            switch (template.ValueKind)
            {
                case JsonValueKind.Object:
                    return new JsonObject(template.EnumerateObject().Select(member => KeyValuePair.Create(member.Name, Node(member.Value, environment, variables))));
                case JsonValueKind.Array:
                    return new JsonArray([.. template.EnumerateArray().Select(item => Node(item, environment, variables))]);
                case JsonValueKind.String:
                    var source = template.GetString()!;
                    if (source.StartsWith("secret:", StringComparison.Ordinal))
                        return Secret.Match(source) is { Success: true } match && match.Length == source.Length ? secrets[match.Groups["name"].Value] : throw new RequestException("A secret in the body has no proper name.");
                    if (!programs.TryGetValue(source, out var program))
                        programs[source] = program = CelProgram.Compile(source, environment);
                    return JsonNode.Parse(CelValue.ToJson(program.Evaluate(variables)).GetRawText());
                default:
                    return JsonNode.Parse(template.GetRawText());
            }
        }
    }
}

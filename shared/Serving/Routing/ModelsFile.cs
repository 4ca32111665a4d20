using System.Text.RegularExpressions;
using AiOs.DataPlane.Yaml;
using AiOs.Serving.Calls;
using AiOs.Serving.Chat;

namespace AiOs.Serving.Routing;

/// <summary>Reads <c>models.yaml</c>: every model with everything that may answer for it. The whole file is checked; each problem has its place and what to write instead.</summary>
static partial class ModelsFile
{
    [GeneratedRegex("^[a-z][a-z0-9]*([-.][a-z0-9]+)*$", RegexOptions.NonBacktracking | RegexOptions.ExplicitCapture)]
    private static partial Regex Name { get; }

    [GeneratedRegex("^[A-Za-z0-9][A-Za-z0-9._:/@-]*$", RegexOptions.NonBacktracking | RegexOptions.ExplicitCapture)]
    private static partial Regex Foreign { get; }

    static readonly string[] Backends = ["openai", "inference", "azureml", "encoder"];

    static readonly TimeSpan Shortest = TimeSpan.FromMilliseconds(10), Longest = TimeSpan.FromMinutes(10);

    /// <summary>The models; what is wrong is added to <paramref name="problems"/>.</summary>
    /// <param name="text">The file.</param>
    /// <param name="problems">Where what is wrong goes.</param>
    public static IReadOnlyList<RouteSettings> Read(string text, Problems problems)
    {
        if (Section.Of(YamlLoader.Load(text, problems), problems, "the file", "models") is not { } file)
            return [];
        if (file.Required("models", "{answer: {deployments: [...]}}") is not { } node)
            return [];
        if (node is not YamlMap models)
        {
            problems.Add(node, $"`models` is a map of names; found {node.Article}.", "models: {answer: {deployments: [...]}}");
            return [];
        }
        var read = new List<RouteSettings>();
        foreach (var (name, model) in models.Entries)
        {
            if (!Name.IsMatch(name.Value) || name.Value.Length > 63)
                problems.Add(name, $"A model's name is lower-case words with hyphens, at most 63 characters; found {name.Article}.", "answer");
            if (Model(name.Value, model, problems) is { } route)
                read.Add(route);
        }
        return read;
    }

    static RouteSettings? Model(string name, YamlNode node, Problems problems)
    {
        if (Section.Of(node, problems, $"the model `{name}`", "kind", "timeout", "maxTokens", "imageTokens", "cache", "degraded", "deployments") is not { } model)
            return null;
        var kind = model.Word("kind", ["chat", "embeddings", "tensors"]) switch { "embeddings" => CallKind.Embeddings, "tensors" => CallKind.Tensors, _ => CallKind.Chat };
        var deployments = new List<DeploymentSettings>();
        if (model.Required("deployments", "[{name: main, backend: openai, url: https://api.openai.com/v1, model: gpt-4o}]") is { } list)
            if (list is YamlList { Items.Count: > 0 } items)
                deployments.AddRange(items.Items.Select(item => Deployment(name, kind, item, problems)).OfType<DeploymentSettings>());
            else
                problems.Add(list, $"`deployments` lists at least one deployment; found {list.Article}.", "deployments: [{name: main, backend: openai, url: https://api.openai.com/v1, model: gpt-4o}]");
        Together(model, deployments, problems);
        if (kind != CallKind.Chat)
            Refuse(model, "imageTokens");
        var settings = new RouteSettings(name, kind, deployments);
        return settings with
        {
            Timeout = model.Duration("timeout", Shortest, Longest, "60s") ?? settings.Timeout,
            MaxTokens = model.Integer("maxTokens", 16, 1_000_000) ?? settings.MaxTokens,
            ImageTokens = model.Integer("imageTokens", 0, 1_000_000) ?? settings.ImageTokens,
            Cache = Cache(model, kind),
            Degraded = kind == CallKind.Chat ? model.Text("degraded", 2_000) : Refuse(model, "degraded"),
        };
    }

    static void Together(Section model, List<DeploymentSettings> deployments, Problems problems)
    {
        if (deployments.Count > 0 && !deployments.Exists(deployment => deployment.Role == DeploymentRole.Champion))
            problems.Add(model["deployments"]!, "One deployment is the champion, which answers.", "role: champion");
        foreach (var twice in deployments.GroupBy(deployment => deployment.Name, StringComparer.Ordinal).Where(same => same.Count() > 1))
            problems.Add(model["deployments"]!, $"Two deployments are named `{twice.Key}`.", twice.Key + "-2");
        if (deployments.Where(deployment => deployment.Role == DeploymentRole.Canary).Sum(deployment => deployment.Share) > 1)
            problems.Add(model["deployments"]!, "The shares of the canaries add up to more than 1.", "share: 0.05");
    }

    static CacheSettings? Cache(Section model, CallKind kind)
    {
        if (!model.Has("cache"))
            return null;
        if (kind != CallKind.Chat)
        {
            Refuse(model, "cache");
            return null;
        }
        if (Section.Of(model["cache"], model.Problems, "`cache`", "keep", "use", "likeness") is not { } cache)
            return null;
        return new CacheSettings(cache.Duration("keep", TimeSpan.FromSeconds(1), TimeSpan.FromDays(7), "10m", required: true) ?? TimeSpan.FromMinutes(10),
            cache.Word("use", ["fallback", "always"]) == "always" ? CacheUse.Always : CacheUse.Fallback, cache.Number("likeness", 0.5, 1));
    }

    static string? Refuse(Section section, string key)
    {
        if (section.Has(key))
            section.Problems.Add(section[key]!, $"`{key}` is for chat; vectors and scores are made afresh or not at all.");
        return null;
    }

    static DeploymentSettings? Deployment(string model, CallKind kind, YamlNode node, Problems problems)
    {
        if (Section.Of(node, problems, "a deployment", "name", "role", "share", "backend", "url", "model", "version", "auth", "secret", "azureDeployment", "prices", "timeout", "expected",
            "retries", "pause", "concurrency", "queue", "hedgeAfter", "breaker") is not { } section)
            return null;
        if (section["backend"] is YamlScalar { Value: "onnx" } file)
        {
            problems.Add(file, "An ONNX file runs in a process of its own, never in this one: serve its folder with `./aios inference --repository DIR`, and name that server.", $"{{name: main, backend: inference, url: http://127.0.0.1:8000, model: {model}}}");
            return null;
        }
        var backend = section.Word("backend", Backends, "openai") switch { "inference" => BackendKind.Inference, "azureml" => BackendKind.AzureMl, "encoder" => BackendKind.Encoder, _ => BackendKind.OpenAi };
        if (section.Has("backend") && !Able(kind).Contains(backend))
            problems.Add(section["backend"]!, $"{kind} cannot be had from {section["backend"]!.Article}; it is asked through {string.Join(", ", Able(kind).Select(able => $"`{able.ToString().ToLowerInvariant()}`"))}.", $"backend: {Able(kind)[0].ToString().ToLowerInvariant()}");
        var role = section.Word("role", ["champion", "canary", "shadow", "fallback"]) switch { "canary" => DeploymentRole.Canary, "shadow" => DeploymentRole.Shadow, "fallback" => DeploymentRole.Fallback, _ => DeploymentRole.Champion };
        var defaults = new DeploymentSettings(section.Match("name", Name, "a deployment's name is lower-case words with hyphens", "main") ?? "", backend);
        var read = defaults with
        {
            Role = role,
            Share = section.Number("share", 0, 1, role == DeploymentRole.Canary ? "0.05" : null) ?? 1,
            Model = backend == BackendKind.Encoder ? "sentence-encoder" : section.Match("model", Foreign, "it is what the backend calls the model", "gpt-4o") ?? "",
            Version = section.Text("version", 100),
            Url = Address(section, backend),
            Auth = section.Word("auth", ["key", "entra"]) == "entra" ? DeploymentAuth.Entra : DeploymentAuth.Key,
            Secret = section.SecretName("secret", Name, "it names one of the secrets of models in lower case, digits and hyphens") ?? model,
            AzureDeployment = section.Match("azureDeployment", Foreign, "it names a deployment behind an Azure ML endpoint", null),
            Prices = Prices(section),
            Timeout = section.Duration("timeout", Shortest, Longest, "20s") ?? defaults.Timeout,
            Expected = section.Duration("expected", TimeSpan.Zero, Longest, "300ms"),
            Retries = section.Integer("retries", 0, 10) ?? defaults.Retries,
            Pause = section.Duration("pause", TimeSpan.FromMilliseconds(1), TimeSpan.FromMinutes(1), "250ms") ?? defaults.Pause,
            Concurrency = section.Integer("concurrency", 1, 10_000) ?? defaults.Concurrency,
            Queue = section.Integer("queue", 0, 100_000) ?? defaults.Queue,
            HedgeAfter = section.Duration("hedgeAfter", TimeSpan.FromMilliseconds(1), Longest, "2s"),
            Breaker = Breaker(section),
        };
        if (role is not (DeploymentRole.Canary or DeploymentRole.Shadow) && section.Has("share"))
            problems.Add(section["share"]!, "`share` is for canaries and shadows.", "role: canary");
        return read;
    }

    static BackendKind[] Able(CallKind kind) => kind switch
    {
        CallKind.Chat => [BackendKind.OpenAi],
        CallKind.Embeddings => [BackendKind.OpenAi, BackendKind.Inference, BackendKind.AzureMl, BackendKind.Encoder],
        _ => [BackendKind.Inference, BackendKind.AzureMl],
    };

    static Uri? Address(Section section, BackendKind backend)
    {
        if (backend == BackendKind.Encoder)
        {
            if (section.Has("url"))
                section.Problems.Add(section["url"]!, "It is in this process; it has no `url`.");
            return null;
        }
        if (section.Text("url", 500, "https://api.openai.com/v1") is not { } text)
            return null;
        if (ModelAddress.Read(text) is not { } url)
            section.Problems.Add(section["url"]!, $"`url` is {ModelAddress.Rule}.", "url: https://api.openai.com/v1");
        else
            return url;
        return null;
    }

    static ModelPrices? Prices(Section section)
    {
        if (!section.Has("prices") || Section.Of(section["prices"], section.Problems, "`prices`", "input", "cachedInput", "output", "call", "second") is not { } prices)
            return null;
        return new ModelPrices(Price("input") ?? 0, Price("output") ?? 0) { CachedInput = Price("cachedInput"), Call = Price("call") ?? 0, Second = Price("second") ?? 0 };

        decimal? Price(string key) => (decimal?)prices.Number(key, 0, 1_000_000);
    }

    static BreakerSettings Breaker(Section section)
    {
        var standard = BreakerSettings.Standard;
        if (!section.Has("breaker") || Section.Of(section["breaker"], section.Problems, "`breaker`", "share", "calls", "within", "rest") is not { } breaker)
            return standard;
        return new(breaker.Number("share", 0.01, 1) ?? standard.Share, breaker.Integer("calls", 2, 10_000) ?? standard.Calls,
            breaker.Duration("within", TimeSpan.FromSeconds(1), TimeSpan.FromHours(1), "30s") ?? standard.Within, breaker.Duration("rest", TimeSpan.FromSeconds(1), TimeSpan.FromHours(1), "15s") ?? standard.Rest);
    }
}

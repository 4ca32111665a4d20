using AiOs.Serving.Chat;

namespace AiOs.Serving.Routing;

/// <summary>What a deployment is for.</summary>
public enum DeploymentRole
{
    /// <summary>Answers.</summary>
    Champion,

    /// <summary>Answers a share of the conversations instead of the champion.</summary>
    Canary,

    /// <summary>Gets a copy of a share of the calls; its answers are recorded and go to nobody.</summary>
    Shadow,

    /// <summary>Answers where those before it did not: another place, or a smaller model.</summary>
    Fallback,
}

/// <summary>How a deployment is asked.</summary>
public enum BackendKind
{
    /// <summary>OpenAI's chat completions and embeddings: OpenAI, Azure OpenAI's v1 API, vLLM, Ollama, llama.cpp and others.</summary>
    OpenAi,

    /// <summary>The Open Inference Protocol, version 2 (KServe, Triton, this project's container).</summary>
    Inference,

    /// <summary>The scoring address of an Azure Machine Learning online endpoint.</summary>
    AzureMl,

    /// <summary>The sentence encoder in this process.</summary>
    Encoder,
}

/// <summary>How a model knows who asks.</summary>
public enum DeploymentAuth
{
    /// <summary>By a key, as a bearer token; without one nothing is sent (a model on this machine needs none).</summary>
    Key,

    /// <summary>By the Microsoft Entra identity of this process.</summary>
    Entra,
}

/// <summary>When a deployment is left alone because it fails.</summary>
/// <param name="Share">The share of failures that is too much, in (0, 1].</param>
/// <param name="Calls">How many calls it takes to tell.</param>
/// <param name="Within">In which time.</param>
/// <param name="Rest">For how long it is not asked; then one call tries.</param>
public sealed record BreakerSettings(double Share, int Calls, TimeSpan Within, TimeSpan Rest)
{
    /// <summary>Half of at least ten calls in 30 seconds; 15 seconds of rest.</summary>
    public static BreakerSettings Standard { get; } = new(0.5, 10, TimeSpan.FromSeconds(30), TimeSpan.FromSeconds(15));
}

/// <summary>One served version of a model: where it is, and how it is asked.</summary>
/// <param name="Name">Unique within its model.</param>
/// <param name="Backend">How it is asked.</param>
public sealed record DeploymentSettings(string Name, BackendKind Backend)
{
    /// <summary>What it is for.</summary>
    public DeploymentRole Role { get; init; } = DeploymentRole.Champion;

    /// <summary>The base address; null in this process.</summary>
    public Uri? Url { get; init; }

    /// <summary>What the backend calls the model.</summary>
    public string Model { get; init; } = "";

    /// <summary>Its version, as the operator names it.</summary>
    public string? Version { get; init; }

    /// <summary>Who is told to ask.</summary>
    public DeploymentAuth Auth { get; init; }

    /// <summary>The name of its key among the secrets of models.</summary>
    public string Secret { get; init; } = "";

    /// <summary>The deployment behind an Azure ML endpoint that is to answer (header azureml-model-deployment).</summary>
    public string? AzureDeployment { get; init; }

    /// <summary>What tokens cost; null where the operator does not say.</summary>
    public ModelPrices? Prices { get; init; }

    /// <summary>The share of conversations (canary) or calls (shadow) that it gets, in [0, 1].</summary>
    public double Share { get; init; } = 1;

    /// <summary>How long one attempt may take; of a stream, until its first piece.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(20);

    /// <summary>How long an answer takes at the least: with less time left it is not asked. Null: half of what the fastest of its recent answers took.</summary>
    public TimeSpan? Expected { get; init; }

    /// <summary>How often it is asked again when it turned the request away or was not there.</summary>
    public int Retries { get; init; } = 2;

    /// <summary>The pause before the first repetition; it doubles, with jitter, and is never shorter than the endpoint asks for.</summary>
    public TimeSpan Pause { get; init; } = TimeSpan.FromMilliseconds(250);

    /// <summary>How many calls it answers at once.</summary>
    public int Concurrency { get; init; } = 64;

    /// <summary>How many more may wait for a place.</summary>
    public int Queue { get; init; } = 256;

    /// <summary>After this time without an answer it is asked a second time, and the first answer counts; null for never. Streams are not hedged.</summary>
    public TimeSpan? HedgeAfter { get; init; }

    /// <summary>When it is left alone.</summary>
    public BreakerSettings Breaker { get; init; } = BreakerSettings.Standard;
}

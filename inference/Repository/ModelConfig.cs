using System.Text.Json;
using System.Text.Json.Serialization;
using AiOs.Inference.Batching;

namespace AiOs.Inference.Repository;

/// <summary>How the tensors of a model are laid out.</summary>
enum LayoutKind
{
    /// <summary>As declared; the first dimension counts rows.</summary>
    Rows,
    /// <summary>Sequences of different lengths as indices and values.</summary>
    Ragged,
}

/// <summary>Which versions have to carry the record of a parity gate that they passed.</summary>
enum GateKind
{
    /// <summary>Those that were made from another model: converted, quantised.</summary>
    Derived,
    /// <summary>Every one.</summary>
    Required,
}

/// <summary><c>config.json</c> of a model; every member has a default, and a folder without the file is served with them.</summary>
sealed record ModelConfig
{
    static readonly JsonSerializerOptions options = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
        ReadCommentHandling = JsonCommentHandling.Skip,
        UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
        Converters = { new JsonStringEnumConverter(JsonNamingPolicy.CamelCase, allowIntegerValues: false) },
    };

    /// <summary>How tensors are laid out.</summary>
    public LayoutKind Layout { get; init; } = LayoutKind.Rows;

    /// <summary>The vocabulary beside the model that makes <c>text</c> an input; for the ragged layout.</summary>
    public string? Tokenizer { get; init; }

    /// <summary>Which versions need the record of a gate.</summary>
    public GateKind Gate { get; init; } = GateKind.Derived;

    /// <summary>Tokens in a batch, padding included.</summary>
    public int MaxTokens { get; init; } = 2048;

    /// <summary>Rows in a batch; 1 switches batching off.</summary>
    public int MaxRows { get; init; } = 32;

    /// <summary>Rows in one request.</summary>
    public int MaxRequestRows { get; init; } = 256;

    /// <summary>How long an idle instance waits for a batch to fill, in milliseconds.</summary>
    public double MaxDelayMs { get; init; }

    /// <summary>Batches at the same time; one a core where it is not given.</summary>
    public int? Instances { get; init; }

    /// <summary>Threads that share one batch.</summary>
    public int Threads { get; init; } = 1;

    /// <summary>Requests that may wait.</summary>
    public int QueueSize { get; init; } = 256;

    /// <summary>How many of the highest versions are served.</summary>
    public int Versions { get; init; } = 1;

    public Batching.Batching Batching => new(MaxTokens, MaxRows, TimeSpan.FromMilliseconds(MaxDelayMs), Instances ?? Environment.ProcessorCount, QueueSize);

    /// <summary>Reads <paramref name="path"/>; the defaults where there is no such file.</summary>
    /// <exception cref="InvalidDataException">It is not valid.</exception>
    public static ModelConfig Read(string path)
    {
        if (!File.Exists(path))
            return new();
        try
        {
            var config = JsonSerializer.Deserialize<ModelConfig>(File.ReadAllBytes(path), options) ?? throw new InvalidDataException("config.json is null.");
            config.Check();
            return config;
        }
        catch (JsonException e)
        {
            throw new InvalidDataException($"config.json is not valid: {e.Message}", e);
        }
    }

    void Check()
    {
        Between("maxTokens", MaxTokens, 1, 1 << 20);
        Between("maxRows", MaxRows, 1, 1 << 16);
        Between("maxRequestRows", MaxRequestRows, 1, 1 << 16);
        Between("maxDelayMs", MaxDelayMs, 0, 1000);
        Between("instances", Instances ?? 1, 1, 64);
        Between("threads", Threads, 1, 256);
        Between("queueSize", QueueSize, 1, 1 << 16);
        Between("versions", Versions, 1, 16);
        if (Tokenizer is not null && (Layout != LayoutKind.Ragged || Path.GetFileName(Tokenizer) != Tokenizer))
            throw new InvalidDataException("config.json: 'tokenizer' is the name of a file in the folder of each version, and needs the layout 'ragged'.");
    }

    static void Between(string name, double value, double low, double high)
    {
        if (!(value >= low && value <= high))
            throw new InvalidDataException($"config.json: '{name}' has to be from {low} to {high}.");
    }
}

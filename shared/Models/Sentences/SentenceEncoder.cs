using AiOs.Models.FineTuning;
using Microsoft.Extensions.AI;

namespace AiOs.Models.Sentences;

/// <summary>A sentence encoder on ONNX Runtime: a sentence becomes a vector of <see cref="Dimensions"/> numbers of length 1 (L2). Two come with the OS (docs/decisions/0014): Universal Sentence
/// Encoder Lite for knowledge and everything else, MiniLM for intents. Text without anything to read (empty, white space) becomes the zero vector. Only the first 128 tokens count.
/// The vectors of recent texts are remembered: a message is read by several steps. Loaded on first use, thread-safe; at most one native run per core at a time.</summary>
public sealed class SentenceEncoder : IEmbeddingGenerator<string, Embedding<float>>
{
    const int BatchSentences = 64, BatchTokens = 2048;
    static readonly int parallel = Environment.ProcessorCount;
    const int RecentTexts = 2048;
    readonly RecentlyUsed<float[]> recent = new(RecentTexts);
    readonly SemaphoreSlim slots;
    readonly Lazy<EncoderModel> model;
    readonly Lazy<SentenceEncoder?> lower;
    readonly string directory;
    int disposed;

    /// <param name="directory">Where model.onnx and the vocabulary are, and lower.onnx where the encoder can be tuned.</param>
    public SentenceEncoder(string directory)
        : this(directory, EncoderModel.Whole, new SemaphoreSlim(parallel, parallel)) =>
        lower = new(() => File.Exists(Path.Combine(directory, EncoderModel.Lower)) ? new(directory, EncoderModel.Lower, slots) : null);

    SentenceEncoder(string directory, string file, SemaphoreSlim slots)
    {
        (this.directory, this.slots) = (directory, slots);
        model = new(() => new EncoderModel(directory, file));
        lower = new((SentenceEncoder?)null);
    }

    /// <summary>Where the build and the publish put the general encoder: <c>models/sentence-encoder</c> beside the app.</summary>
    public static string DefaultDirectory => Path.Combine(AppContext.BaseDirectory, "models", "sentence-encoder");

    /// <summary>Where the build and the publish put the encoder of intents: <c>models/intent-encoder</c> beside the app.</summary>
    public static string IntentDirectory => Path.Combine(AppContext.BaseDirectory, "models", "intent-encoder");

    /// <summary>The length of every vector. Loads the model.</summary>
    public int Dimensions => model.Value.Dimensions;

    /// <summary>Names the weights and the vocabulary; vectors of different versions are not comparable. Loads the model.</summary>
    public string Version => model.Value.Version;

    /// <summary>The token numbers that the encoder reads for <paramref name="text"/>. Loads the model.</summary>
    public IReadOnlyList<int> Tokenize(string text) => model.Value.Tokenizer.Encode(text);

    /// <inheritdoc/>
    public async Task<GeneratedEmbeddings<Embedding<float>>> GenerateAsync(IEnumerable<string> values, EmbeddingGenerationOptions? options = null, CancellationToken cancellationToken = default)
    {
        ObjectDisposedException.ThrowIf(disposed != 0, this);
        var encoder = model.Value;
        var texts = values.ToArray();
        var vectors = texts.Select(recent.Find).ToArray();
        var sentences = texts.Select((text, i) => vectors[i] is not null || string.IsNullOrWhiteSpace(text) ? [] : encoder.Tokenizer.Encode(text)).ToArray();
        var batches = Batches(sentences, encoder.Batches ? BatchSentences : 1);
        if (batches is [var only])
            await EmbedAsync(encoder, only, sentences, vectors, cancellationToken);
        else
            await Parallel.ForEachAsync(batches, new ParallelOptions { MaxDegreeOfParallelism = parallel, CancellationToken = cancellationToken },
                async (batch, stop) => await EmbedAsync(encoder, batch, sentences, vectors, stop));
        for (var i = 0; i < texts.Length; i++)
            if (sentences[i].Length > 0)
                recent.Keep(texts[i], vectors[i]!);
        return [.. vectors.Select(vector => new Embedding<float>(vector ?? new float[encoder.Dimensions]) { ModelId = encoder.Version })];
    }

    /// <summary>The lower half of this encoder, an encoder by itself that shows its tokens (<see cref="ReadAsync"/>); null where it has none, and then it cannot be tuned.</summary>
    internal SentenceEncoder? Lower => lower.Value;

    /// <summary>Reads texts to their vectors and the states of their tokens; nothing is remembered. A text without anything to read has none of either.</summary>
    /// <exception cref="InvalidOperationException">This is no lower half of an encoder.</exception>
    internal async Task<IReadOnlyList<SentenceReading>> ReadAsync(IReadOnlyList<string> texts, CancellationToken cancellationToken)
    {
        ObjectDisposedException.ThrowIf(disposed != 0, this);
        if (model.Value.StatesAfter is null)
            throw new InvalidOperationException($"The encoder {Version} does not show the states of its tokens.");
        if (texts is [var only])
            return [await ReadOneAsync(only, cancellationToken)];
        var readings = new SentenceReading[texts.Count];
        await Parallel.ForAsync(0, texts.Count, new ParallelOptions { MaxDegreeOfParallelism = parallel, CancellationToken = cancellationToken },
            async (text, stop) => readings[text] = await ReadOneAsync(texts[text], stop));
        return readings;
    }

    async ValueTask<SentenceReading> ReadOneAsync(string text, CancellationToken cancellationToken)
    {
        var tokens = string.IsNullOrWhiteSpace(text) ? [] : model.Value.Tokenizer.Encode(text);
        return tokens.Length == 0 ? new(new float[Dimensions], []) : await InTurnAsync(() => model.Value.Read(tokens), cancellationToken);
    }

    /// <summary>The layers of the whole encoder that its lower half leaves out, in floats. Reads the model's file.</summary>
    /// <exception cref="InvalidDataException">There are none that could be tuned.</exception>
    internal UpperLayers UpperLayers() => FineTuning.UpperLayers.Read(File.ReadAllBytes(Path.Combine(directory, EncoderModel.Whole)),
        Lower?.model.Value.StatesAfter ?? throw new InvalidDataException($"The encoder {Version} has no lower half, so it cannot be tuned."));

    /// <inheritdoc/>
    public object? GetService(Type serviceType, object? serviceKey = null) => serviceKey is not null ? null
        : serviceType == typeof(EmbeddingGeneratorMetadata) ? new EmbeddingGeneratorMetadata("aios", defaultModelId: Version, defaultModelDimensions: Dimensions)
        : serviceType.IsInstanceOfType(this) ? this
        : null;

    /// <summary>Waits for the runs under way, then frees the native session. Calls that still wait for their turn are refused.</summary>
    public void Dispose()
    {
        if (Interlocked.Exchange(ref disposed, 1) != 0)
            return;
        for (var slot = 0; slot < parallel; slot++)
            slots.Wait();
        if (model.IsValueCreated)
            model.Value.Dispose();
        slots.Release(parallel);   // who waited finds it disposed
        if (lower.IsValueCreated)
            lower.Value?.Dispose();   // its runs have ended too: they share the slots
    }

    /// <summary>Sentence numbers, grouped so that neighbours are of like length (a batch is as wide as its longest) and memory stays bounded.</summary>
    static List<List<int>> Batches(int[][] sentences, int most)
    {
        List<List<int>> batches = [];
        foreach (var sentence in Enumerable.Range(0, sentences.Length).Where(i => sentences[i].Length > 0).OrderBy(i => sentences[i].Length))
        {
            if (batches is not [.., var last] || last.Count >= most || (last.Count + 1) * sentences[sentence].Length > BatchTokens)
                batches.Add(last = []);
            last.Add(sentence);
        }
        return batches;
    }

    async Task EmbedAsync(EncoderModel encoder, List<int> batch, int[][] sentences, float[]?[] vectors, CancellationToken cancellationToken)
    {
        var rows = await InTurnAsync(() => encoder.Embed([.. batch.Select(sentence => sentences[sentence])]), cancellationToken);
        for (var row = 0; row < batch.Count; row++)
            vectors[batch[row]] = rows.AsSpan(row * encoder.Dimensions, encoder.Dimensions).ToArray();
    }

    /// <summary>A native run, once there is room for one.</summary>
    async Task<T> InTurnAsync<T>(Func<T> run, CancellationToken cancellationToken)
    {
        await slots.WaitAsync(cancellationToken);
        try
        {
            ObjectDisposedException.ThrowIf(disposed != 0, this);
            return run();
        }
        finally
        {
            slots.Release();
        }
    }
}

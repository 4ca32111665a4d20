using System.Security.Cryptography;
using AiOs.Inference.Batching;
using AiOs.Inference.Layouts;
using AiOs.Inference.Metrics;
using AiOs.Models.Sentences;
using AiOs.Models.Sessions;
using Microsoft.ML.OnnxRuntime;

namespace AiOs.Inference.Repository;

/// <summary>One version of a model, loaded and warm. Disposing it drains its queue first.</summary>
sealed class ModelVersion : IAsyncDisposable
{
    readonly InferenceSession session;

    ModelVersion(string model, int number, InferenceSession session, ILayout layout, ModelQueue queue, ModelMetrics metrics, string digest) =>
        (Model, Number, this.session, Layout, Queue, Metrics, Digest) = (model, number, session, layout, queue, metrics, digest);

    public string Model { get; }

    public int Number { get; }

    public string Name => Number.ToString(System.Globalization.CultureInfo.InvariantCulture);

    public ILayout Layout { get; }

    public ModelQueue Queue { get; }

    public ModelMetrics Metrics { get; }

    /// <summary>SHA-256 of the model's file; a changed file is another model.</summary>
    public string Digest { get; }

    /// <summary>Loads <c>model.onnx</c> of <paramref name="folder"/> through its gate and runs every warm-up piece once.</summary>
    /// <exception cref="InvalidDataException">It cannot be served; the message says why.</exception>
    public static async Task<ModelVersion> LoadAsync(string model, int number, string folder, ModelConfig config, ExecutionProvider provider, TimeProvider clock)
    {
        var file = Path.Combine(folder, "model.onnx");
        if (!File.Exists(file))
            throw new InvalidDataException("There is no model.onnx in it.");
        using var options = provider.Options(config.Threads);
        var (session, digest) = ModelLoader.OpenWithDigest(file, options, config.Gate == GateKind.Required ? GateRule.Required : GateRule.WhereDerived);
        try
        {
            var layout = LayoutOf(session, folder, config);
            var metrics = new ModelMetrics(model, number.ToString(System.Globalization.CultureInfo.InvariantCulture));
            var outputs = layout.Outputs.Select(output => output.Name).ToArray();
            await WarmUpAsync(layout, new Runner(session, outputs));
            return new(model, number, session, layout, new ModelQueue(layout, config.Batching, metrics, clock, () => new Runner(session, outputs)), metrics, digest);
        }
        catch (Exception e)
        {
            session.Dispose();
            throw e is InvalidDataException ? e : new InvalidDataException($"It does not run: {e.Message}", e);
        }
    }

    /// <summary>Whether the file in <paramref name="folder"/> is the one that was loaded.</summary>
    public bool IsStill(string folder)
    {
        using var file = File.OpenRead(Path.Combine(folder, "model.onnx"));
        return Convert.ToHexStringLower(SHA256.HashData(file)) == Digest;
    }

    public async ValueTask DisposeAsync()
    {
        await Queue.DisposeAsync();
        session.Dispose();
    }

    static ILayout LayoutOf(InferenceSession session, string folder, ModelConfig config)
    {
        var (inputs, outputs) = (SessionShape.Inputs(session), SessionShape.Outputs(session));
        return config.Layout == LayoutKind.Rows
            ? new RowsLayout(inputs, outputs, config.MaxRequestRows)
            : new RaggedLayout(inputs, outputs, config.Tokenizer is { } vocabulary ? new(UnigramVocabulary.Read(Path.Combine(folder, vocabulary))) : null, config.MaxRequestRows);
    }

    static async Task WarmUpAsync(ILayout layout, Runner runner)
    {
        using (runner)
            foreach (var work in layout.WarmUp())
            {
                layout.Run([work], runner);
                await work.Outcome;
            }
    }
}

using System.Numerics.Tensors;
using AiOs.Models.FineTuning;
using AiOs.Models.Sessions;
using Microsoft.ML.OnnxRuntime;

namespace AiOs.Agents.Intent.Tuning;

/// <summary>Teaches the upper layers of the encoder an app's intents: minutes for thousands of examples, where vectors that are the same for every app do not tell intents apart that mean nearly the same.
/// Deterministic on one kind of processor. Measured by cross-validation on Banking77 (docs/decisions/0015).</summary>
/// <param name="Upper">The layers as they come with the encoder.</param>
/// <param name="Vote">What its logits are multiplied by beside the other voters of a head.</param>
/// <param name="Epochs">How often each example is seen.</param>
sealed record FineTuning(UpperLayers Upper, float Vote, int Epochs)
{
    /// <summary>Changes whenever the same examples would give other layers.</summary>
    public const string Version = "fine-tuning/1";

    /// <summary>On more tokens, in all examples together, an encoder is not tuned: it would take longer than a function may.</summary>
    public const int MostTokens = 400_000;

    const int Seed = 1, BatchSentences = 32, BatchTokens = 1024, ProbeEpochs = 12;
    const float LayerRate = 2e-4f, OutputRate = 3e-3f, RateFromLayerToLayer = 0.9f, WarmUp = 0.1f;
    const double ProbeRate = 5, ProbePenalty = 1e-5;
    const float StateDropout = 0.2f, VectorDropout = 0.3f, Smoothing = 0.1f, Agreement = 2;

    /// <summary>As it was measured.</summary>
    public static FineTuning Of(UpperLayers upper) => new(upper, Vote: 6, Epochs: 8);

    /// <summary>Tunes a copy of the layers; <paramref name="report"/> hears the share that is done, and the token is asked before every batch.</summary>
    public TunedEncoder Fit(IReadOnlyList<Example> examples, int labels, Action<double>? report, CancellationToken cancellationToken)
    {
        var random = new Random(Seed);
        var taught = examples.Where(example => example.States.Length > 0).ToArray();
        var tuned = Start(Upper.Copy(), taught, labels, cancellationToken);
        var adam = new AdamW(Rates(tuned));
        using var options = new SessionOptions { IntraOpNumThreads = Environment.ProcessorCount, InterOpNumThreads = 1, EnableMemoryPattern = false, LogSeverityLevel = OrtLoggingLevel.ORT_LOGGING_LEVEL_ERROR };
        using var session = ModelLoader.Open(TuningGraph.Encode(tuned, Agreement).ToArray(), options, GateRule.WhereDerived);
        using var batches = new TuningBatches(session, tuned, adam, new(StateDropout, random), new(VectorDropout, random), LabelWeights.Of([.. taught.Select(example => example.Label)], labels), Smoothing);
        var (step, steps) = (0, Epochs * Batches(taught, random).Count);
        for (var epoch = 0; epoch < Epochs; epoch++)
            foreach (var batch in Batches(taught, random))
            {
                cancellationToken.ThrowIfCancellationRequested();
                batches.Differentiate(batch);
                var done = step++ / (float)steps;
                adam.Step(done < WarmUp ? done / WarmUp : (1 - done) / (1 - WarmUp));
                report?.Invoke((double)step / steps);
            }
        TensorPrimitives.Multiply(tuned.Output.Weight.Values, Vote, tuned.Output.Weight.Values);
        TensorPrimitives.Multiply(tuned.Output.Bias.Values, Vote, tuned.Output.Bias.Values);
        return tuned;
    }

    /// <summary>Upper layers as they are, and a softmax layer fitted to their vectors: from random weights the first steps would spoil what the layers know.</summary>
    static TunedEncoder Start(UpperLayers upper, IReadOnlyList<Example> examples, int labels, CancellationToken cancellationToken)
    {
        using var untuned = TunedEncoder.Bare(upper);
        float[][] vectors = [.. examples.AsParallel().AsOrdered().WithCancellation(cancellationToken).Select(example => untuned.Ask(example.States))];
        var mean = new float[UpperLayers.Size];
        foreach (var vector in vectors)
            TensorPrimitives.Add(mean, vector, mean);
        TensorPrimitives.Divide(mean, examples.Count, mean);
        float[][] centred = [.. vectors.Select(vector => Off(vector, mean))];
        var shrink = GramVocabulary.Share / centred.Average(vector => TensorPrimitives.Norm<float>(vector));
        foreach (var vector in centred)
            TensorPrimitives.Multiply(vector, shrink, vector);
        var probe = new FeatureMap(0, UpperLayers.Size, labels);
        new LinearTraining(new CrossEntropy(), ProbeRate, ProbePenalty, ProbeEpochs, Seed)
            .Fit(probe, [.. centred.Select(vector => new Features(new([], []), vector))], [.. examples.Select(example => example.Label)], cancellationToken);
        TensorPrimitives.Multiply(probe.Dense, shrink / TunedEncoder.Scale, probe.Dense);
        return new(upper, mean, new(new("output.weight", probe.Dense, UpperLayers.Size, labels), new("output.bias", probe.Bias, labels)));
    }

    static float[] Off(float[] vector, float[] mean)
    {
        var centred = new float[vector.Length];
        TensorPrimitives.Subtract(vector, mean, centred);
        return centred;
    }

    /// <summary>The lower a layer, the slower it learns.</summary>
    static IEnumerable<(Parameter, float)> Rates(TunedEncoder tuned)
    {
        var layers = tuned.Upper.Layers;
        return layers.SelectMany((layer, i) => layer.Parameters.Select(parameter => (parameter, LayerRate * MathF.Pow(RateFromLayerToLayer, layers.Count - 1 - i))))
            .Append((tuned.Output.Weight, OutputRate)).Append((tuned.Output.Bias, OutputRate));
    }

    /// <summary>Examples of one length each, since nothing is padded, in random order.</summary>
    static List<Example[]> Batches(Example[] examples, Random random)
    {
        var order = (Example[])examples.Clone();
        random.Shuffle(order);
        var batches = order.GroupBy(example => example.States.Length / UpperLayers.Size)
            .SelectMany(same => same.Chunk(Math.Clamp(BatchTokens / same.Key, 1, BatchSentences))).ToArray();
        random.Shuffle(batches);
        return [.. batches];
    }
}

using System.Numerics.Tensors;
using AiOs.Models.FineTuning;
using Microsoft.ML.OnnxRuntime;

namespace AiOs.Agents.Intent.Tuning;

/// <summary>Runs the graph of <see cref="TuningGraph"/> batch by batch; the derivatives come to lie where the optimiser looks for them.</summary>
sealed class TuningBatches : IDisposable
{
    readonly InferenceSession session;
    readonly TunedEncoder tuned;
    readonly DropoutPool states, vectors;
    readonly float[] weights;
    readonly float smoothing;
    readonly RunOptions run = new();
    readonly List<(string Name, OrtValue Value)> parameters = [], gradients = [];

    /// <param name="session">The graph.</param>
    /// <param name="tuned">What is learnt.</param>
    /// <param name="adam">Where the derivatives go.</param>
    /// <param name="states">Drops numbers of the tokens out.</param>
    /// <param name="vectors">Drops numbers of the sentences out.</param>
    /// <param name="weights">What an example of each label counts.</param>
    /// <param name="smoothing">The share of the wanted probability that all labels have in common (Szegedy et al. 2016, https://arxiv.org/abs/1512.00567, section 7).</param>
    public TuningBatches(InferenceSession session, TunedEncoder tuned, AdamW adam, DropoutPool states, DropoutPool vectors, float[] weights, float smoothing)
    {
        (this.session, this.tuned, this.states, this.vectors, this.weights, this.smoothing) = (session, tuned, states, vectors, weights, smoothing);
        foreach (var (parameter, gradient) in adam.Gradients)
        {
            parameters.Add((parameter.Name, OrtValue.CreateTensorValueFromMemory(parameter.Values, parameter.Shape)));
            gradients.Add((LayerGraph.Gradient(parameter), OrtValue.CreateTensorValueFromMemory(gradient, parameter.Shape)));
        }
    }

    /// <summary>The derivatives for examples of one length.</summary>
    public void Differentiate(IReadOnlyList<Example> batch)
    {
        var (sentences, tokens) = (batch.Count, batch[0].States.Length / UpperLayers.Size);
        var (readings, rows) = (2 * sentences, 2 * sentences * tokens);
        var inputs = new List<(string Name, OrtValue Value)>
        {
            (TuningGraph.States, Tensor(StatesOf(batch), sentences * tokens, UpperLayers.Size)),
            (LayerGraph.ByHeadShape, OrtValue.CreateTensorValueFromMemory<long>([readings, tokens, UpperLayers.Heads, UpperLayers.HeadSize], [4])),
            (LayerGraph.BySentenceShape, OrtValue.CreateTensorValueFromMemory<long>([readings, tokens, UpperLayers.Size], [3])),
            (LayerGraph.TokenShare, Tensor(new[] { 1f / tokens }, 1)),
            (TuningGraph.Wanted, Tensor(Wanted(batch), sentences, tuned.Labels)),
            (TuningGraph.Weight, Tensor(batch.Select(example => weights[example.Label] / sentences).ToArray(), sentences, 1)),
            (TuningGraph.VectorMask, Tensor(vectors.Next(readings * UpperLayers.Size), readings, UpperLayers.Size)),
        };
        for (var layer = 0; layer < tuned.Upper.Layers.Count; layer++)
        {
            var masks = TuningGraph.Masks(layer);
            inputs.Add((masks.Attended, Tensor(states.Next(rows * UpperLayers.Size), rows, UpperLayers.Size)));
            inputs.Add((masks.Down, Tensor(states.Next(rows * UpperLayers.Size), rows, UpperLayers.Size)));
        }

        try
        {
            (string Name, OrtValue Value)[] all = [.. inputs, .. parameters];
            session.Run(run, [.. all.Select(input => input.Name)], [.. all.Select(input => input.Value)], [.. gradients.Select(output => output.Name)], [.. gradients.Select(output => output.Value)]);
        }
        finally
        {
            foreach (var (_, value) in inputs)
                value.Dispose();
        }
    }

    public void Dispose()
    {
        foreach (var (_, value) in parameters.Concat(gradients))
            value.Dispose();
        run.Dispose();
    }

    static float[] StatesOf(IReadOnlyList<Example> batch)
    {
        var length = batch[0].States.Length;
        var numbers = new float[batch.Count * length];
        for (var row = 0; row < batch.Count; row++)
            TensorPrimitives.ConvertToSingle(batch[row].States, numbers.AsSpan(row * length, length));
        return numbers;
    }

    float[] Wanted(IReadOnlyList<Example> batch)
    {
        var wanted = new float[batch.Count * tuned.Labels];
        Array.Fill(wanted, smoothing / tuned.Labels);
        for (var row = 0; row < batch.Count; row++)
            wanted[row * tuned.Labels + batch[row].Label] += 1 - smoothing;
        return wanted;
    }

    static OrtValue Tensor(Memory<float> values, params long[] shape) => OrtValue.CreateTensorValueFromMemory(OrtMemoryInfo.DefaultInstance, values, shape);
}

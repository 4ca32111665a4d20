using System.Numerics.Tensors;
using AiOs.Models.FineTuning;
using AiOs.Models.Onnx;
using AiOs.Models.Sessions;
using Microsoft.ML.OnnxRuntime;

namespace AiOs.Agents.Intent.Tuning;

/// <summary>The upper layers of an encoder, tuned on the examples of an app, and a softmax layer on the vectors that come out of them: one more voter, which reads the states of the tokens.</summary>
sealed class TunedEncoder : IDisposable
{
    /// <summary>What a centred vector is multiplied by, so that its numbers are of the size of 1.</summary>
    public const float Scale = 16;

    /// <summary>What the names of its nodes in a head begin with.</summary>
    public const string Prefix = "tuned/";

    const string States = "states", Logits = "logits";
    readonly Lazy<InferenceSession> session;

    public TunedEncoder(UpperLayers upper, float[] mean, Affine output)
    {
        (Upper, Mean, Output) = (upper, mean, output);
        session = new(Open);
    }

    /// <summary>Layers without a softmax layer: asked, they say the vector itself.</summary>
    public static TunedEncoder Bare(UpperLayers upper)
    {
        var same = new float[UpperLayers.Size * UpperLayers.Size];
        for (var i = 0; i < UpperLayers.Size; i++)
            same[i * UpperLayers.Size + i] = 1 / Scale;
        return new(upper, new float[UpperLayers.Size], new(new("output.weight", same, UpperLayers.Size, UpperLayers.Size), new("output.bias", new float[UpperLayers.Size], UpperLayers.Size)));
    }

    public UpperLayers Upper { get; }

    /// <summary>The mean of the untuned vectors, which is taken off a vector.</summary>
    public float[] Mean { get; }

    /// <summary>From a centred vector to the labels.</summary>
    public Affine Output { get; }

    public int Labels => Output.Bias.Values.Length;

    /// <summary>The unnormalised log probabilities for the states of a text's tokens; zeros where it has none.</summary>
    public float[] Ask(Half[] states)
    {
        if (states.Length == 0)
            return new float[Labels];
        var floats = new float[states.Length];
        TensorPrimitives.ConvertToSingle(states, floats);
        using var run = new RunOptions();
        using var input = OrtValue.CreateTensorValueFromMemory(floats, [states.Length / UpperLayers.Size, UpperLayers.Size]);
        using var results = session.Value.Run(run, [States], [input], [Logits]);
        return results[0].GetTensorDataAsSpan<float>().ToArray();
    }

    /// <summary>Writes it into a graph that has the input <c>states float[n,384]</c>, and returns the name of its logits [1, labels].</summary>
    public string Write(OnnxGraph graph)
    {
        graph.Input(States, ElementType.Float, "tokens", (long)UpperLayers.Size);
        var layers = new LayerGraph(graph, Prefix, trained: false);
        var hidden = Upper.Layers.Aggregate(States, (below, layer) => layers.Layer(below, layer, masks: null, isFirst: false).Hidden);
        return layers.Product(Centred(layers, graph, layers.Pooled(hidden).Vectors), Output).Outputs;
    }

    /// <summary>Takes the mean off a vector and scales it.</summary>
    public string Centred(LayerGraph layers, OnnxGraph graph, string vectors) =>
        layers.Op("Mul", layers.Op("Sub", vectors, graph.Constant(Prefix + "mean", OnnxTensor.Of(Mean, 1, Mean.Length))), layers.Number(Scale));

    public void Dispose()
    {
        if (session.IsValueCreated)
            session.Value.Dispose();
    }

    InferenceSession Open()
    {
        var graph = new OnnxGraph("tuned-encoder");
        graph.Node("Identity", [Write(graph)], Logits);
        graph.Output(Logits, ElementType.Float, 1L, (long)Labels);
        using var options = new SessionOptions { IntraOpNumThreads = 1, InterOpNumThreads = 1, LogSeverityLevel = OrtLoggingLevel.ORT_LOGGING_LEVEL_ERROR };
        return ModelLoader.Open(OnnxModel.Encode(graph, new Dictionary<string, string>()).ToArray(), options, GateRule.WhereDerived);
    }
}

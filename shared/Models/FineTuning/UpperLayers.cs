using AiOs.Models.Onnx;

namespace AiOs.Models.FineTuning;

/// <summary>The layers of a BERT encoder above its lower half, in floats: what fine-tuning starts from, and what comes out of it.</summary>
internal sealed class UpperLayers
{
    /// <summary>The numbers of a token, those in the middle of a layer, and the ways in which a token looks at others.</summary>
    public const int Size = 384, Inner = 1536, Heads = 12;

    /// <summary>The numbers of a token that belong to one way.</summary>
    public const int HeadSize = Size / Heads;

    UpperLayers(IReadOnlyList<BertLayer> layers) => Layers = layers;

    /// <summary>From the lowest to the last.</summary>
    public IReadOnlyList<BertLayer> Layers { get; }

    /// <summary>Reads those from layer <paramref name="first"/> (from 0) on out of a model in 8 bits as the build writes it.</summary>
    /// <exception cref="InvalidDataException">It is no such model, or has no such layers.</exception>
    public static UpperLayers Read(ReadOnlySpan<byte> model, int first)
    {
        var document = OnnxDocument.Read(model);
        List<BertLayer> layers = [];
        for (var layer = first; document.Constants.ContainsKey($"layer{layer}/three.bias"); layer++)
            layers.Add(BertLayer.Read(document, layer));
        return layers.Count > 0 ? new(layers) : throw new InvalidDataException($"It has no layers from layer {first} on.");
    }

    /// <summary>The same layers, to be changed without changing these.</summary>
    public UpperLayers Copy() => new([.. Layers.Select(layer => layer.Copy())]);
}

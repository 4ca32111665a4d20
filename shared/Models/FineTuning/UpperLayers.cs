using System.Globalization;
using AiOs.Models.Onnx;
using AiOs.Models.Sentences;

namespace AiOs.Models.FineTuning;

/// <summary>The layers of a BERT encoder above the states that it shows, in floats: what fine-tuning starts from, and what comes out of it.</summary>
internal sealed class UpperLayers
{
    /// <summary>The numbers of a token, those in the middle of a layer, and the ways in which a token looks at others.</summary>
    public const int Size = 384, Inner = 1536, Heads = 12;

    /// <summary>The numbers of a token that belong to one way.</summary>
    public const int HeadSize = Size / Heads;

    UpperLayers(IReadOnlyList<BertLayer> layers) => Layers = layers;

    /// <summary>From the lowest to the last.</summary>
    public IReadOnlyList<BertLayer> Layers { get; }

    /// <summary>Reads them out of a model in 8 bits as the build writes it.</summary>
    /// <exception cref="InvalidDataException">It is no such model, or shows no states.</exception>
    public static UpperLayers Read(ReadOnlySpan<byte> model)
    {
        var document = OnnxDocument.Read(model);
        if (!document.Properties.TryGetValue(SentenceRun.StatesAfter, out var text) || !int.TryParse(text, CultureInfo.InvariantCulture, out var first))
            throw new InvalidDataException("It shows no states of its tokens, so its upper layers cannot be tuned.");
        List<BertLayer> layers = [];
        for (var layer = first; document.Constants.ContainsKey($"layer{layer}/three.bias"); layer++)
            layers.Add(BertLayer.Read(document, layer));
        return layers.Count > 0 ? new(layers) : throw new InvalidDataException($"It has no layers above layer {first}.");
    }

    /// <summary>The same layers, to be changed without changing these.</summary>
    public UpperLayers Copy() => new([.. Layers.Select(layer => layer.Copy())]);
}

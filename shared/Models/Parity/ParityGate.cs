using System.Numerics.Tensors;
using AiOs.Models.Onnx;
using Microsoft.ML.OnnxRuntime;

namespace AiOs.Models.Parity;

/// <summary>Compares a new version of a model with the one that it stands for, and keeps those that fail out of every session.</summary>
public static class ParityGate
{
    /// <summary>The property that says what a model was made from.</summary>
    public const string DerivedKey = "aios.derived";

    static readonly string[] quantised =
    [
        "MatMulInteger", "ConvInteger", "QLinearMatMul", "QLinearConv", "QuantizeLinear", "DequantizeLinear", "DynamicQuantizeLinear", "DynamicQuantizeMatMul", "MatMulIntegerToFloat", "MatMulNBits", "QAttention", "GatherBlockQuantized",
        "DynamicQuantizeLSTM", "QGemm", "QEmbedLayerNormalization", "QOrderedMatMul", "MatMulFpQ4", "MatMulBnb4",
    ];

    /// <summary>Asks both about the set.</summary>
    public static GateRecord Compare(InferenceSession original, string against, InferenceSession candidate, IGoldenSet set, ParityThresholds thresholds) =>
        Compare(set.Ask(original), set.Ask(candidate), against, (set.Name, set.Digest), thresholds);

    /// <summary>Compares answers that were had before with those of a candidate.</summary>
    public static GateRecord Compare(GoldenAnswers expected, GoldenAnswers actual, string against, (string Name, string Digest) set, ParityThresholds thresholds)
    {
        var cosines = expected.Vectors.Zip(actual.Vectors, (one, other) => one.Length == other.Length
            ? (double)TensorPrimitives.CosineSimilarity(one, other)
            : throw new InvalidDataException($"The vectors have {other.Length} numbers, those of the original {one.Length}.")).ToArray();
        var agreement = expected.Labels.Zip(actual.Labels, (one, other) => one == other).Count(same => same) / (double)cosines.Length;
        return new(against, set.Name, set.Digest, cosines.Length, new(Math.Round(cosines.Average(), 6), Math.Round(cosines.Min(), 6), Math.Round(agreement, 6)), thresholds);
    }

    /// <summary>Lets a file pass or says why not.</summary>
    /// <param name="required">Whether a model that was not made from another one needs a record too.</param>
    /// <exception cref="InvalidDataException">It was made from another model, or has to have a record, and has no valid record that it passed.</exception>
    public static void Check(ReadOnlySpan<byte> file, bool required)
    {
        var properties = OnnxDocument.ReadProperties(file);
        var derived = properties.ContainsKey(DerivedKey) || properties.ContainsKey(GateRecord.Key) || OnnxDocument.Operators(file).Overlaps(quantised);
        if (!derived && !required)
            return;
        if (!properties.TryGetValue(GateRecord.Key, out var text))
            throw new InvalidDataException(derived
                ? "It was made from another model and carries no record of a parity gate: pass it through `aios model gate` or make it with `aios model quantize`."
                : "It carries no record of a parity gate, which every version of this model has to: pass it through `aios model gate`.");
        var record = GateRecord.Decode(text);
        if (!OnnxDocument.IsIntact(file, properties))
            throw new InvalidDataException("Its gate record is for another file: the digest in it is not that of this file.");
        if (!record.Passed)
            throw new InvalidDataException($"It failed its parity gate ({record.Figures}; wanted: {new ParityFigures(record.Thresholds.MeanCosine, record.Thresholds.LowestCosine, record.Thresholds.LabelAgreement)}).");
    }

    /// <summary>The record in a file, or null.</summary>
    public static GateRecord? RecordOf(ReadOnlySpan<byte> file) => OnnxDocument.ReadProperties(file).TryGetValue(GateRecord.Key, out var text) ? GateRecord.Decode(text) : null;

    /// <summary>The file with a record in it, sealed by its digest.</summary>
    public static byte[] Stamp(ReadOnlySpan<byte> file, GateRecord record)
    {
        var document = OnnxDocument.Read(file);
        document.Properties[GateRecord.Key] = record.Encode();
        return document.Encode();
    }
}

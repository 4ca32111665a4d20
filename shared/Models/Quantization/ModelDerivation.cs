using System.Security.Cryptography;
using AiOs.Models.Onnx;
using AiOs.Models.Parity;
using AiOs.Models.Sessions;
using Microsoft.ML.OnnxRuntime;

namespace AiOs.Models.Quantization;

/// <summary>Makes new versions of models. None leaves without having passed the gate.</summary>
public static class ModelDerivation
{
    /// <summary>An 8-bit version of <paramref name="original"/>, compared with it.</summary>
    /// <returns>The file, with its record; whether it passed is for the caller to look at before it writes anything.</returns>
    /// <exception cref="InvalidDataException">It is no ONNX model, or has nothing that could be quantised.</exception>
    public static (byte[] File, GateRecord Record, QuantizationReport Report) Quantize(byte[] original, IGoldenSet set, QuantizationOptions options, ParityThresholds thresholds)
    {
        var (document, report) = Quantizer.Quantize(original, options);
        if (report.Products + report.Tables == 0)
            throw new InvalidDataException("There is nothing to quantise in it: no product with a constant matrix, no table that is gathered from.");
        var digest = Digest(original);
        document.Properties[ParityGate.DerivedKey] = $"int8 of sha256:{digest}";
        // Vectors of different weights are not comparable: what was trained on the original is refused by this name.
        if (document.Properties.TryGetValue("version", out var version))
            document.Properties["version"] = $"{version}-int8-{Digest(document.Encode())[..8]}";
        var (file, record) = Gate(document.Encode(), original, set, thresholds);
        return (file, record, report);
    }

    /// <summary>A new version compared with the one that it is to take the place of, and stamped with what was found.</summary>
    public static (byte[] File, GateRecord Record) Gate(byte[] candidate, byte[] original, IGoldenSet set, ParityThresholds thresholds)
    {
        using var options = new SessionOptions { IntraOpNumThreads = 1, InterOpNumThreads = 1, LogSeverityLevel = OrtLoggingLevel.ORT_LOGGING_LEVEL_ERROR };
        using var before = ModelLoader.Open(original, options, GateRule.WhereDerived);
        using var after = ModelLoader.Ungated(candidate, options);
        var record = ParityGate.Compare(before, $"sha256:{Digest(original)}", after, set, thresholds);
        return (ParityGate.Stamp(candidate, record), record);
    }

    static string Digest(byte[] file) => Convert.ToHexStringLower(SHA256.HashData(file));
}

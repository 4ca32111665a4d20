using System.Globalization;
using System.Text.Json;
using AiOs.DataPlane;

namespace AiOs.Agents.Intent;

/// <summary>What a head says about itself in the metadata of its ONNX file.</summary>
/// <param name="Labels">The intents, in the order of the output.</param>
/// <param name="HasOutOfScope">The last output is "none of them".</param>
/// <param name="HashSeed">The seed of the n-gram hashes.</param>
/// <param name="DataHash">SHA-256 of the training set, the encoder and the trainer.</param>
/// <param name="Encoder">The version of the encoder whose vectors it takes.</param>
/// <param name="Metrics">How good it is on examples that it has not seen.</param>
sealed record HeadMetadata(IReadOnlyList<string> Labels, bool HasOutOfScope, ulong HashSeed, string DataHash, string Encoder, HeadMetrics Metrics)
{
    const string Kind = "aios-intent-head/1";

    public Dictionary<string, string> Encode(GramVocabulary vocabulary) => new(StringComparer.Ordinal)
    {
        ["kind"] = Kind,
        ["labels"] = JsonSerializer.Serialize(Labels, AiOsJson.Options),
        ["outOfScope"] = HasOutOfScope ? "true" : "false",
        ["hashSeed"] = HashSeed.ToString(CultureInfo.InvariantCulture),
        ["dataHash"] = DataHash,
        ["encoder"] = Encoder,
        ["metrics"] = JsonSerializer.Serialize(Metrics, AiOsJson.Options),
        ["vocabulary"] = Convert.ToBase64String(vocabulary.Encode()),
    };

    /// <summary>Reads what <see cref="Encode"/> wrote.</summary>
    /// <exception cref="InvalidDataException">Something is missing or is no such metadata; the message is a clause about "it".</exception>
    public static (HeadMetadata Metadata, GramVocabulary Vocabulary) Decode(IReadOnlyDictionary<string, string> entries)
    {
        if (entries.GetValueOrDefault("kind") != Kind)
            throw new InvalidDataException($"it is no intent head of this format ({Kind})");
        try
        {
            var metadata = new HeadMetadata(
                JsonSerializer.Deserialize<string[]>(entries["labels"], AiOsJson.Options)!,
                entries["outOfScope"] == "true",
                ulong.Parse(entries["hashSeed"], CultureInfo.InvariantCulture),
                entries["dataHash"],
                entries["encoder"],
                JsonSerializer.Deserialize<HeadMetrics>(entries["metrics"], AiOsJson.Options)!);
            return (metadata, GramVocabulary.Decode(Convert.FromBase64String(entries["vocabulary"])));
        }
        catch (Exception e) when (e is KeyNotFoundException or JsonException or FormatException or OverflowException)
        {
            throw new InvalidDataException($"its metadata is damaged: {e.Message}", e);
        }
    }
}

/// <summary>Cross-validated accuracy (0 to 1), log loss (nats) and calibration temperature of a head, and the examples behind them.</summary>
sealed record HeadMetrics(double Accuracy, double LogLoss, double Temperature, int Examples);

using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace AiOs.Models.Parity;

/// <summary>How alike two versions have to be. No record with lower ones counts as passed.</summary>
public sealed record ParityThresholds(double MeanCosine = 0.99, double LowestCosine = 0.95, double LabelAgreement = 0.95)
{
    /// <summary>The lowest that a record may state.</summary>
    public static ParityThresholds Floor { get; } = new(MeanCosine: 0.98, LowestCosine: 0.90, LabelAgreement: 0.90);

    /// <summary>Whether they are at least those of <see cref="Floor"/>.</summary>
    [JsonIgnore]
    public bool AreHighEnough => MeanCosine >= Floor.MeanCosine && LowestCosine >= Floor.LowestCosine && LabelAgreement >= Floor.LabelAgreement;
}

/// <summary>How alike two versions are on a golden set: cosines of their vectors, and the share of the set to which they give the same label.</summary>
public sealed record ParityFigures(double MeanCosine, double LowestCosine, double LabelAgreement)
{
    /// <summary>Whether nothing is below <paramref name="thresholds"/>. NaN is below everything.</summary>
    public bool Reach(ParityThresholds thresholds) => MeanCosine >= thresholds.MeanCosine && LowestCosine >= thresholds.LowestCosine && LabelAgreement >= thresholds.LabelAgreement;

    /// <summary>For a person.</summary>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"mean cosine {MeanCosine:0.0000}, lowest {LowestCosine:0.0000}, labels agree {LabelAgreement:P1}");
}

/// <summary>What the gate found, as it stands in the model's metadata under <see cref="Key"/>. Whether it passed follows from the figures; it is not written down.</summary>
/// <param name="Against">SHA-256 of the file, or name and digest of the source, that it was compared with.</param>
/// <param name="Set">Name of the golden set.</param>
/// <param name="SetDigest">SHA-256 of its content.</param>
/// <param name="Pieces">How many inputs it has.</param>
public sealed record GateRecord(string Against, string Set, string SetDigest, int Pieces, ParityFigures Figures, ParityThresholds Thresholds)
{
    /// <summary>The property of the model that holds the record.</summary>
    public const string Key = "aios.gate";

    /// <summary>Whether the model passed, by thresholds that are high enough.</summary>
    [JsonIgnore]
    public bool Passed => Pieces > 0 && Thresholds.AreHighEnough && Figures.Reach(Thresholds);

    /// <summary>As it stands in the metadata.</summary>
    public string Encode() => JsonSerializer.Serialize(this, JsonSerializerOptions.Web);

    /// <exception cref="InvalidDataException">This is no record.</exception>
    public static GateRecord Decode(string text)
    {
        try
        {
            return JsonSerializer.Deserialize<GateRecord>(text, JsonSerializerOptions.Web) is { Figures: not null, Thresholds: not null, Set: not null, SetDigest: not null, Against: not null } record
                ? record
                : throw new InvalidDataException("its gate record is not whole");
        }
        catch (JsonException e)
        {
            throw new InvalidDataException($"its gate record cannot be read: {e.Message}", e);
        }
    }
}

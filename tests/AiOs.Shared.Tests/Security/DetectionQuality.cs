using System.Globalization;
using System.Text.Json;
using AiOs.Security;
using AiOs.Security.Detectors;

namespace AiOs.Tests.Security;

/// <summary>How good the detectors are on labelled texts, where those are at hand (the folder in <c>AIOS_DATA</c>).</summary>
public sealed class DetectionQuality(ITestOutputHelper output)
{
    static readonly Dictionary<string, string> Labels = new(StringComparer.Ordinal)
    {
        ["EMAIL_ADDRESS"] = MaskKinds.Email, ["PHONE_NUMBER"] = MaskKinds.Phone, ["CREDIT_CARD"] = MaskKinds.Card, ["IBAN_CODE"] = MaskKinds.Iban,
    };

    [Fact]
    public void Labelled_personal_data_is_found_and_little_else()
    {
        var path = Path.Combine(Environment.GetEnvironmentVariable("AIOS_DATA") ?? "", "pii", "dev.json");
        Assert.SkipUnless(File.Exists(path), "Set AIOS_DATA to the folder that holds pii/dev.json to measure this.");
        var (hits, misses, extra) = (new Dictionary<string, int>(StringComparer.Ordinal), new Dictionary<string, int>(StringComparer.Ordinal), new Dictionary<string, int>(StringComparer.Ordinal));
        using var document = JsonDocument.Parse(File.ReadAllBytes(path));
        foreach (var sample in document.RootElement.EnumerateArray())
        {
            var text = sample.GetProperty("full_text").GetString()!;
            var found = PersonalData.Find(text, MaskKinds.All, "").ToList();
            foreach (var span in sample.GetProperty("spans").EnumerateArray())
            {
                if (!Labels.TryGetValue(span.GetProperty("entity_type").GetString()!, out var kind)) continue;
                var value = span.GetProperty("entity_value").GetString()!;
                var hit = found.FirstOrDefault(f => f.Value.Kind == kind && text[f.Start..f.End].Contains(value, StringComparison.Ordinal));
                Count(hit == default ? misses : hits, kind);
                if (hit == default) output.WriteLine($"missed {kind}: {value} in: {text.ReplaceLineEndings(" ")}");
                else found.Remove(hit);
            }
            foreach (var wrong in found)
            {
                Count(extra, wrong.Value.Kind);
                output.WriteLine($"wrongly {wrong.Value.Kind}: {wrong.Value.Original} in: {text.ReplaceLineEndings(" ")}");
            }
        }
        foreach (var kind in MaskKinds.All)
        {
            var (hit, missed, wrong) = (hits.GetValueOrDefault(kind), misses.GetValueOrDefault(kind), extra.GetValueOrDefault(kind));
            var (precision, recall) = (hit / (double)(hit + wrong), hit / (double)(hit + missed));
            output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{kind}: precision {precision:P1}, recall {recall:P1} ({hit + missed} labelled)"));
            Assert.True(precision >= 0.9 && recall >= 0.9, kind);
        }

        static void Count(Dictionary<string, int> counts, string kind) => counts[kind] = counts.GetValueOrDefault(kind) + 1;
    }
}

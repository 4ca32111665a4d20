using System.Text.Json;
using AiOs.DataPlane;

namespace AiOs.ControlPlane.Apps;

/// <summary>Turns a manifest and its trained and indexed parts into a plan; the same input always gives the same bytes.</summary>
public static class PlanCompiler
{
    /// <summary>The plan, and its bytes as they are stored.</summary>
    /// <param name="app">A manifest without problems.</param>
    /// <param name="content">The digest of the files that it was read from.</param>
    /// <param name="artifacts">Step id -> head or index; every detect and retrieve step needs one.</param>
    /// <exception cref="InvalidPackageException">An artifact is missing, or the plan is larger than <see cref="Plan.MaxBytes"/>.</exception>
    public static (Plan Plan, byte[] Bytes) Compile(AppManifest app, string content, IReadOnlyDictionary<string, string> artifacts)
    {
        var used = app.Steps.SelectMany(step => new[] { step.Act?.Call, step.Act?.Undo }).OfType<string>().Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal);
        var plan = new Plan
        {
            App = app.Name,
            Version = app.Version,
            Content = content,
            Summary = app.Summary,
            Owner = app.Owner,
            Mask = app.Mask,
            Steps = [.. app.Steps.Select(step => Step(step, artifacts))],
            Triggers = app.Triggers,
            HandOff = app.HandOff,
            Kpis = app.Kpis,
            Slo = app.Slo,
            Connectors = used.ToDictionary(name => name, name => app.Connectors[name], StringComparer.Ordinal),
        };
        var bytes = JsonSerializer.SerializeToUtf8Bytes(plan, AiOsJson.Options);
        return bytes.Length <= Plan.MaxBytes ? (plan, bytes)
            : throw new InvalidPackageException($"The compiled plan has {bytes.Length / 1024} KB; at most {Plan.MaxBytes / 1024} KB are allowed. Shorten policies, sentences or choices.");
    }

    /// <summary>The artifact of a detect step that explains its intents to a model.</summary>
    internal static string IntentsOf(string step) => step + "/intents";

    static PlanStep Step(ManifestStep step, IReadOnlyDictionary<string, string> artifacts) => new()
    {
        Id = step.Id,
        Kind = step.Kind,
        When = step.When,
        Detect = step.Kind == StepKind.Detect ? new DetectStep(Artifact(step, artifacts), step.MinConfidence, step.OtherLanguages, step.Translator)
        {
            Languages = step.Languages, Model = step.Reader, Otherwise = step.Otherwise, IntentsRef = step.Reader is null ? null : artifacts.GetValueOrDefault(IntentsOf(step.Id)),
        } : null,
        Extract = step.Fields is { } fields ? new ExtractStep(fields) : null,
        Retrieve = step.Kind == StepKind.Retrieve ? new RetrieveStep(Artifact(step, artifacts), step.Top) : null,
        Score = step.Score,
        Decide = step.Decide,
        Approve = step.Approve,
        Act = step.Act,
        Answer = step.Answer,
    };

    static string Artifact(ManifestStep step, IReadOnlyDictionary<string, string> artifacts) => artifacts.TryGetValue(step.Id, out var reference) ? reference
        : throw new InvalidPackageException($"The step {step.Id} has not been {(step.Kind == StepKind.Detect ? "trained" : "indexed")}.");
}

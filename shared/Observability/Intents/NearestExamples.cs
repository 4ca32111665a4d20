using System.Numerics.Tensors;
using AiOs.Agents.Intent;
using AiOs.ControlPlane.Apps;
using AiOs.Models;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.DependencyInjection;

namespace AiOs.Observability.Intents;

/// <summary>Finds for each message that was misunderstood the example that probably misled: of the intent that it was taken for, the one whose sentence vector is nearest.</summary>
public sealed class NearestExamples([FromKeyedServices(ModelsSetup.Intents)] IEmbeddingGenerator<string, Embedding<float>> encoder)
{
    /// <summary>The report with <see cref="EvalMiss.Nearest"/> filled in wherever the intent was wrong.</summary>
    public async Task<EvalReport> ExplainAsync(EvalReport report, AppManifest manifest, CancellationToken cancellationToken)
    {
        var misses = new List<EvalMiss>();
        foreach (var miss in report.Misses)
            misses.Add(miss.Intent == miss.ExpectedIntent ? miss : miss with { Nearest = await NearestAsync(miss.Text, Of(manifest, miss.Intent), cancellationToken) });
        return report with { Misses = misses };
    }

    static string[] Of(AppManifest manifest, string intent) => [.. manifest.Steps.Where(step => step.Intents is not null).SelectMany(step =>
        intent == AppEvaluation.OutOfScope ? step.Intents!.OutOfScope : step.Intents!.Intents.Where(known => known.Name == intent).SelectMany(known => known.Examples))];

    async Task<string?> NearestAsync(string text, string[] examples, CancellationToken cancellationToken)
    {
        var vectors = await encoder.GenerateAsync([IntentText.Read(text), .. examples.Select(IntentText.Read)], cancellationToken: cancellationToken);
        return examples.Zip(vectors.Skip(1)).MaxBy(example => TensorPrimitives.Dot(vectors[0].Vector.Span, example.Second.Vector.Span)).First;
    }
}

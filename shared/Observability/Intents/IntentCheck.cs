using System.Numerics.Tensors;
using AiOs.Agents.Intent;
using Microsoft.Extensions.AI;

namespace AiOs.Observability.Intents;

/// <summary>Looks for examples that are mislabelled, said twice, or claimed by two intents, by asking about each example a model that was taught by others
/// (confident learning: Northcutt et al. 2021, https://arxiv.org/abs/1911.00068).</summary>
public sealed class IntentCheck(IEmbeddingGenerator<string, Embedding<float>> encoder)
{
    const int Folds = 5, FewestTaken = 2;
    const double Sure = 0.6, Overlapping = 0.15;

    /// <summary>Checks a set that can be trained, reporting progress from 0 to 1.</summary>
    /// <exception cref="UntrainableException">The set cannot be trained; the message is <see cref="IntentSet.Problems"/>.</exception>
    public async Task<IntentFindings> RunAsync(IntentSet set, IProgress<double>? progress, CancellationToken cancellationToken)
    {
        if (set.Problems().ToArray() is { Length: > 0 } problems)
            throw new UntrainableException(string.Join(' ', problems));
        var texts = LabelledTexts.Of(set);
        var examples = await ExampleReader.ReadAsync(texts, encoder, done => progress?.Report(done / 2), cancellationToken);
        var recipe = HeadRecipe.Quick;
        var validation = await Task.Run(() => CrossValidation.Run(examples, some => HeadModel.Fit(some, texts.Width, recipe, cancellationToken),
            (done, _) => progress?.Report(0.5 + done / 2), Folds), cancellationToken);
        var answers = validation.Answers.Select(answer => Judge(texts, answer, validation.Temperature)).ToList();
        return new(answers.Count, Math.Round(validation.Accuracy, 4),
            [.. answers.Where(answer => answer.Intent != answer.Suggested && answer.Confidence >= Sure).OrderByDescending(answer => answer.Confidence)], Repeats(set), Overlaps(answers));
    }

    static IntentFindings.Doubt Judge(LabelledTexts texts, CrossValidation.Answer answer, float temperature)
    {
        var probabilities = new float[answer.Logits.Length];
        TensorPrimitives.Divide(answer.Logits, temperature, probabilities);
        TensorPrimitives.SoftMax<float>(probabilities, probabilities);
        var best = TensorPrimitives.IndexOfMax<float>(probabilities);
        var text = texts.Texts[answer.Example];
        return new(text.Text, Name(texts, text.Label), Name(texts, best), Math.Round(probabilities[best], 4));
    }

    static string Name(LabelledTexts texts, int label) => label < texts.Labels.Count ? texts.Labels[label] : AppEvaluation.OutOfScope;

    static List<IntentFindings.Repeat> Repeats(IntentSet set) => set.Intents.SelectMany(intent => intent.Examples.Select(text => (Text: text, Intent: intent.Name)))
        .Concat(set.OutOfScope.Select(text => (Text: text, Intent: AppEvaluation.OutOfScope)))
        .GroupBy(example => Words(example.Text), StringComparer.Ordinal)
        .Where(group => group.Key.Length > 0 && group.Count() > 1)
        .Select(group => new IntentFindings.Repeat([.. group.Select(example => example.Text)], [.. group.Select(example => example.Intent).Distinct(StringComparer.Ordinal)]))
        .OrderByDescending(repeat => repeat.Intents.Count)
        .ToList();

    /// <summary>The words of a text in order of the alphabet, each once.</summary>
    static string Words(string text) => string.Join(' ', new string([.. IntentText.Read(text).Select(c => char.IsLetterOrDigit(c) ? c : ' ')])
        .Split(' ', StringSplitOptions.RemoveEmptyEntries).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal));

    static List<IntentFindings.Overlap> Overlaps(List<IntentFindings.Doubt> answers)
    {
        var sizes = answers.CountBy(answer => answer.Intent, StringComparer.Ordinal).ToDictionary(StringComparer.Ordinal);
        return answers.Where(answer => answer.Intent != answer.Suggested)
            .GroupBy(answer => string.CompareOrdinal(answer.Intent, answer.Suggested) < 0 ? (One: answer.Intent, Other: answer.Suggested) : (One: answer.Suggested, Other: answer.Intent))
            .Where(pair => pair.Count() >= FewestTaken)
            .Select(pair => new IntentFindings.Overlap(pair.Key.One, pair.Key.Other,
                Math.Round((double)pair.Count() / (sizes.GetValueOrDefault(pair.Key.One) + sizes.GetValueOrDefault(pair.Key.Other)), 4), pair.MaxBy(answer => answer.Confidence)!.Text))
            .Where(pair => pair.Share >= Overlapping)
            .OrderByDescending(pair => pair.Share)
            .ToList();
    }
}

using System.Numerics.Tensors;
using AiOs.Models.Parity;
using AiOs.Models.Quantization;
using AiOs.Models.Sentences;
using Microsoft.ML.OnnxRuntime;

namespace AiOs.Agents.Intent.Tuning;

/// <summary>A head with tuned layers in 8 bits: in floats they would be 21 MB and take longer than all the rest.</summary>
static class TunedHead
{
    /// <summary>Compared are square roots of probabilities, whose cosine says how alike two distributions are (Bhattacharyya 1943), and the intents that follow from them.</summary>
    static readonly ParityThresholds thresholds = new(MeanCosine: 0.99, LowestCosine: 0.90, LabelAgreement: 0.95);

    /// <summary>The head, compared with what it was on some of the examples and sealed with the record.</summary>
    /// <exception cref="UntrainableException">In 8 bits it says something else.</exception>
    public static byte[] InEightBits(ReadOnlyMemory<byte> head, FeatureSpace space, IReadOnlyList<Example> examples, string dataHash)
    {
        var (file, record, _) = ModelDerivation.Quantize(head.ToArray(), new Asked(space, examples, dataHash), new() { Only = TunedEncoder.Prefix }, thresholds);
        return record.Passed ? file : throw new UntrainableException($"The tuned encoder does not say in 8 bits what it says in floats ({record.Figures}): leave fine-tuning out.");
    }

    sealed class Asked(FeatureSpace space, IReadOnlyList<Example> examples, string dataHash) : IGoldenSet
    {
        const int Most = 256;

        public string Name => "training examples";

        public string Digest => dataHash;

        public GoldenAnswers Ask(InferenceSession session)
        {
            using var run = new RunOptions();
            var asked = examples.Where(example => example.States.Length > 0).ToArray();
            float[][] answers = [.. asked.Where((_, i) => i % Math.Max(1, asked.Length / Most) == 0).Select(example => HeadRun.Ask(session, run, Reading(example), space.Vocabulary.Weigh(example.Grams)))];
            var labels = answers.Select(answer => $"{TensorPrimitives.IndexOfMax<float>(answer)}").ToArray();
            foreach (var answer in answers)
                TensorPrimitives.Sqrt<float>(answer, answer);
            return new(answers, labels);
        }

        static SentenceReading Reading(Example example)
        {
            var states = new float[example.States.Length];
            TensorPrimitives.ConvertToSingle(example.States, states);
            return new(example.Embedding, states);
        }
    }
}

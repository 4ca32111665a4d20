namespace AiOs.Agents.Generation;

/// <summary>How well a sentence supports an answer, as a probability.</summary>
/// <remarks>A logistic model of three measures, fitted (gradient descent, L2) on 168 questions of our own to two of the sample apps, half of which their knowledge
/// answers, and checked on 90 to the third. At <see cref="GenerationOptions.LeastSupport"/> it refuses 95 % of what cannot be answered there, on both; of what can
/// be, it answers 75 % (the fitted ones, many without a word in common with the text) and 86 % (the third app) from the right document. A similarity alone never suffices: "cancel" and "renew" are close to each other.</remarks>
static class Support
{
    const double Meaning = 3.6, Words = 3.1, Retrieval = 5.4, Doubt = 5.5;

    /// <param name="cosine">Of the vectors of question and sentence, in [0, 1].</param>
    /// <param name="coverage">The share of the question's words that the sentence covers, in [0, 1].</param>
    /// <param name="passage">The score of the passage around it, in [0, 1].</param>
    public static double Of(double cosine, double coverage, double passage) =>
        Math.Round(1 / (1 + Math.Exp(Doubt - (Meaning * cosine) - (Words * coverage) - (Retrieval * passage))), 4);
}

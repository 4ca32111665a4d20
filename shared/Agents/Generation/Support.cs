namespace AiOs.Agents.Generation;

/// <summary>How well a sentence supports an answer, as a probability.</summary>
/// <remarks>A logistic model of six measures, fitted (gradient descent, L2 of 0.002) on 180 questions of our own to the three sample apps, half of which their knowledge answers: of the
/// rows marked <c>tuned</c> in tests/AiOs.Shared.Tests/Generation/Questions those that came first (a fit on all of them is no better). A test holds what it does on the rows marked <c>held</c>, which the fit has not seen.
/// A similarity alone never suffices: "cancel" and "renew" are close to each other.</remarks>
static class Support
{
    const double Meaning = 3.49, Words = 1.68, Retrieval = 3.12, Likeness = 3.28, Silence = 0.42, Evidence = 1.05, Doubt = 6.24;
    const int MostEvidence = 8;

    /// <param name="cosine">Of the vectors of the question and of the sentence under its heading, in [0, 1].</param>
    /// <param name="coverage">The share of the question's words that the sentence covers, in [0, 1].</param>
    /// <param name="likeness">The share of their meaning, in [0, 1].</param>
    /// <param name="passage">The score of the passage around it, in [0, 1].</param>
    /// <param name="unknown">The share of the question's words that no passage holds, in [0, 1].</param>
    /// <param name="words">How many telling words the question has: one alone is found by chance.</param>
    public static double Of(double cosine, double coverage, double likeness, double passage, double unknown, int words) =>
        Math.Round(1 / (1 + Math.Exp(Doubt - (Meaning * cosine) - (Words * coverage) - (Likeness * likeness) - (Retrieval * passage) + (Silence * unknown) - (Evidence * Math.Min(words, MostEvidence) / MostEvidence))), 4);
}

namespace AiOs.Agents.Retrieval.Ranking;

/// <summary>How relevant a passage is, in [0, 1], for all queries on one scale.</summary>
static class PassageScore
{
    const double Meaning = 0.5;

    /// <summary>The mean of what the sentence vectors say and of what the words say.</summary>
    public static double Of(double cosine, double coverage) => Math.Round(Math.Clamp((Meaning * Math.Max(0, cosine)) + ((1 - Meaning) * coverage), 0, 1), 4);
}

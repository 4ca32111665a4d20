namespace AiOs.Agents.Intent;

/// <summary>One intent and the calibrated probability that a message means it, 0 to 1.</summary>
public sealed record IntentScore(string Intent, double Confidence);

/// <summary>What a message means. The caller compares <paramref name="Confidence"/> with its own minimum.</summary>
/// <param name="Intent">The most probable intent of the app, even where the message is out of scope.</param>
/// <param name="Confidence">Its calibrated probability, 0 to 1; what "none of them" takes is missing from it.</param>
/// <param name="OutOfScope">"None of them" is more probable than the best intent, or there is nothing to read in the message.</param>
/// <param name="Alternatives">The next two intents, the more probable first.</param>
public sealed record IntentResult(string Intent, double Confidence, bool OutOfScope, IReadOnlyList<IntentScore> Alternatives);

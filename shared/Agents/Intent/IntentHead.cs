namespace AiOs.Agents.Intent;

/// <summary>A trained classifier in the blob store.</summary>
/// <param name="Ref">The blob's reference, which <see cref="IntentClassifier"/> takes.</param>
/// <param name="Intents">How many intents it tells apart.</param>
/// <param name="Examples">How many examples taught it.</param>
/// <param name="Accuracy">The share of examples that it gets right when it has not seen them (cross-validated), 0 to 1.</param>
/// <param name="FromCache">Nothing was trained: the same set was trained before.</param>
public sealed record IntentHead(string Ref, int Intents, int Examples, double Accuracy, bool FromCache);

/// <summary>How far a training is.</summary>
/// <param name="Stage">embed, validate, fit or store.</param>
/// <param name="Fraction">Of the whole training, 0 to 1, never falling.</param>
/// <param name="Accuracy">The share of examples not seen that is right so far, 0 to 1; null before the first fold is done.</param>
public sealed record TrainingProgress(string Stage, double Fraction, double? Accuracy = null);

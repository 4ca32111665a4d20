namespace AiOs.Models.Sentences;

/// <summary>A sentence as an encoder reads it.</summary>
/// <param name="Vector">Its vector, of length 1 (L2).</param>
/// <param name="States">Its tokens as they are halfway, row-major: as many numbers for each as <paramref name="Vector"/> has.</param>
internal sealed record SentenceReading(float[] Vector, float[] States);

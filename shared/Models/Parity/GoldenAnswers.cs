namespace AiOs.Models.Parity;

/// <summary>What a model says to every piece of a golden set: a vector, and the label that follows from it.</summary>
public sealed record GoldenAnswers(IReadOnlyList<float[]> Vectors, IReadOnlyList<string> Labels);

/// <summary>Stated inputs that two versions of a model are compared on.</summary>
public interface IGoldenSet
{
    /// <summary>What it is called in records.</summary>
    string Name { get; }

    /// <summary>SHA-256 of its content.</summary>
    string Digest { get; }

    /// <summary>Asks a model about all of it.</summary>
    /// <exception cref="InvalidDataException">The model does not take such inputs.</exception>
    GoldenAnswers Ask(Microsoft.ML.OnnxRuntime.InferenceSession session);
}

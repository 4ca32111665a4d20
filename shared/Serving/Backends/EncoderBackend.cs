using AiOs.Serving.Chat;
using AiOs.Serving.Wire;
using Microsoft.Extensions.AI;

namespace AiOs.Serving.Backends;

/// <summary>The sentence encoder in this process.</summary>
sealed class EncoderBackend(IEmbeddingGenerator<string, Embedding<float>> encoder) : IBackend
{
    /// <inheritdoc/>
    public async ValueTask<BackendReply> AskAsync(WireRequest request, int longest, bool stream, CancellationToken cancellationToken)
    {
        var vectors = await encoder.GenerateAsync(request.Texts, cancellationToken: cancellationToken);
        if (request.Dimensions is { } wanted && wanted != vectors[0].Vector.Length)
            throw new ModelException(ModelFailure.Rejected, $"The encoder's vectors have {vectors[0].Vector.Length} numbers.") { Status = 400, Param = "dimensions" };
        return new VectorReply([.. vectors.Select(vector => vector.Vector.ToArray())], null, vectors[0].ModelId);
    }
}

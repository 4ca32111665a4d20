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
        return new VectorReply([.. vectors.Select(vector => vector.Vector.ToArray())], null, vectors[0].ModelId).AsAsked(request);
    }
}

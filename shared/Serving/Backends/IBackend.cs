using AiOs.Serving.Chat;
using AiOs.Serving.Wire;

namespace AiOs.Serving.Backends;

/// <summary>Asks one deployment, once.</summary>
interface IBackend
{
    /// <summary>Asks.</summary>
    /// <param name="request">What is asked; nothing unmasked.</param>
    /// <param name="longest">The longest answer in tokens where the request says none.</param>
    /// <param name="stream">Whether a chat completion is to come in pieces.</param>
    /// <param name="cancellationToken">Ends the attempt.</param>
    /// <returns>A <see cref="WholeReply"/> or <see cref="StreamReply"/> of chat, a <see cref="VectorReply"/> of embeddings, a <see cref="TensorReply"/> of tensors.</returns>
    /// <exception cref="ModelException">It did not answer, or not well.</exception>
    ValueTask<BackendReply> AskAsync(WireRequest request, int longest, bool stream, CancellationToken cancellationToken);
}

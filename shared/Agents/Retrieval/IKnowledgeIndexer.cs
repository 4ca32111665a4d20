namespace AiOs.Agents.Retrieval;

/// <summary>Builds the indexes that <see cref="IKnowledgeSearch"/> searches. The same files with the same encoder are built once.</summary>
public interface IKnowledgeIndexer
{
    /// <summary>Indexes <paramref name="files"/>; the order of the files does not matter.</summary>
    /// <param name="files">The documents; their paths must differ.</param>
    /// <param name="previous">An earlier index of the same knowledge: what has not changed is taken from it and not encoded again.</param>
    /// <param name="progress">The share that is done, in [0, 1].</param>
    /// <param name="cancellationToken">Stops the work; no index comes of it.</param>
    /// <exception cref="InvalidDataException">A file cannot be read; the message names it.</exception>
    /// <exception cref="KnowledgeServiceException">The service that keeps the index does not take it.</exception>
    Task<KnowledgeIndex> BuildAsync(IReadOnlyList<KnowledgeFile> files, string? previous, IProgress<double>? progress, CancellationToken cancellationToken);

    /// <summary>The index of all that <paramref name="indexRef"/> holds and of further documents, whose vectors alone are made.</summary>
    /// <param name="indexRef">An index.</param>
    /// <param name="digests">Of the further documents.</param>
    /// <param name="files">Reads them, where the index is not built already.</param>
    /// <param name="cancellationToken">Stops the work; no index comes of it.</param>
    /// <exception cref="InvalidDataException"><paramref name="indexRef"/> is missing, damaged or of another encoder.</exception>
    /// <exception cref="KnowledgeServiceException">The service that keeps the index does not take it.</exception>
    Task<KnowledgeIndex> ExtendAsync(string indexRef, IReadOnlyList<string> digests, Func<Task<IReadOnlyList<KnowledgeFile>>> files, CancellationToken cancellationToken);

    /// <summary>A document that <see cref="ExtendAsync"/> took in is gone from every app: what is kept of it apart from whole indexes goes too.</summary>
    /// <param name="digest">Of the document.</param>
    /// <param name="cancellationToken">Stops the work; it may be done again.</param>
    /// <exception cref="KnowledgeServiceException">The service that keeps it does not let it go.</exception>
    Task ForgetAsync(string digest, CancellationToken cancellationToken);
}

/// <summary>The service that keeps the knowledge did not do what it was asked for. The message holds neither a key nor what the service said.</summary>
public sealed class KnowledgeServiceException(string message, Exception? cause = null) : Exception(message, cause);

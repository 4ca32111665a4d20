namespace AiOs.Agents.Retrieval;

/// <summary>Finds the passages that answer a query, by words and by meaning.</summary>
public interface IKnowledgeSearch
{
    /// <summary>The best passages for <paramref name="query"/>, best first; none where nothing scores <see cref="RetrievalOptions.LeastScore"/>. Any text is a valid query.</summary>
    /// <param name="indexRef">What <see cref="IKnowledgeIndexer"/> returned.</param>
    /// <param name="query">Words or a question; the first 2,000 characters count.</param>
    /// <param name="top">How many at most.</param>
    /// <param name="roles">The roles of who asks: a document with roles is found only by who has one of them. It is left out before anything is ranked.</param>
    /// <param name="cancellationToken">Stops the search.</param>
    /// <exception cref="InvalidDataException">There is no such index, it is damaged, or it was built for another encoder.</exception>
    /// <exception cref="KnowledgeServiceException">The service that keeps the index does not answer.</exception>
    Task<IReadOnlyList<Passage>> SearchAsync(string indexRef, string query, int top, IReadOnlyCollection<string> roles, CancellationToken cancellationToken);

    /// <summary>The documents with the best passages for <paramref name="query"/>, best first, whatever they score.</summary>
    /// <inheritdoc cref="SearchAsync"/>
    Task<IReadOnlyList<string>> DocumentsAsync(string indexRef, string query, int top, IReadOnlyCollection<string> roles, CancellationToken cancellationToken);

    /// <summary>The documents that the index holds and these roles may read, with how many passages each has.</summary>
    /// <exception cref="InvalidDataException">There is no such index, or it is damaged.</exception>
    Task<IReadOnlyList<(string Path, int Passages, IReadOnlyList<string> Roles)>> ListAsync(string indexRef, IReadOnlyCollection<string> roles, CancellationToken cancellationToken);

    /// <summary>Returns where <paramref name="indexRef"/> can be searched with the encoder of today.</summary>
    /// <exception cref="InvalidDataException">It cannot: there is no such index, it is damaged, or it was built for another encoder.</exception>
    Task CheckAsync(string indexRef, CancellationToken cancellationToken);
}

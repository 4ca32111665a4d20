using AiOs.Agents.Retrieval.Indexing;

namespace AiOs.Agents.Retrieval.Ranking;

/// <summary>Who may read which document of an index.</summary>
static class Readers
{
    /// <summary>For each document whether a reader with <paramref name="roles"/> may see it; null where that is all of them.</summary>
    public static bool[]? Of(LoadedIndex index, IReadOnlyCollection<string> roles)
    {
        return index.Documents.All(May) ? null : [.. index.Documents.Select(May)];

        bool May(IndexedDocument document) => document.Roles.Count == 0 || document.Roles.Any(role => roles.Contains(role, StringComparer.Ordinal));
    }
}

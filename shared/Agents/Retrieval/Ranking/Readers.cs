using AiOs.Agents.Retrieval.Indexing;
using AiOs.Security;

namespace AiOs.Agents.Retrieval.Ranking;

/// <summary>Who may read which document of an index.</summary>
static class Readers
{
    /// <summary>For each document whether a reader with <paramref name="roles"/> may see it; null where that is all of them. An owner may see everything.</summary>
    public static bool[]? Of(LoadedIndex index, IReadOnlyCollection<string> roles)
    {
        return roles.Contains(Role.Owner.Name(), StringComparer.Ordinal) || index.Documents.All(May) ? null : [.. index.Documents.Select(May)];

        bool May(IndexedDocument document) => document.Roles.Count == 0 || document.Roles.Any(role => roles.Contains(role, StringComparer.Ordinal));
    }
}

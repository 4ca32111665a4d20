using AiOs.Security;

namespace AiOs.Agents.Retrieval.Azure;

/// <summary>Filters in the service's OData syntax. All values are digests and names of roles, which need no quoting.</summary>
static class PassageFilter
{
    /// <summary>The passages of these documents.</summary>
    public static string Of(IEnumerable<string> sources) => $"search.in(source, '{string.Join(',', sources)}', ',')";

    /// <summary>The passages of an index that a reader with <paramref name="roles"/> may see. An owner may see all.</summary>
    public static string Of(SearchManifest manifest, IReadOnlyCollection<string> roles)
    {
        var own = Of(manifest.Documents.Select(d => d.Source));
        if (roles.Contains(Role.Owner.Name(), StringComparer.Ordinal))
            return own;
        var known = roles.Where(role => Roles.Find(role) is not null).ToList();
        return own + (known.Count == 0 ? " and not roles/any()" : $" and (not roles/any() or roles/any(r: search.in(r, '{string.Join(',', known)}', ',')))");
    }
}

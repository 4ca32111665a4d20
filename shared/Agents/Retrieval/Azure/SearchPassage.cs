using System.Text.Json.Serialization;
using Azure.Search.Documents.Indexes.Models;

namespace AiOs.Agents.Retrieval.Azure;

/// <summary>One passage as a document of the search service, and how its index is declared.</summary>
sealed class SearchPassage
{
    const string VectorProfile = "meaning", Algorithm = "graph";

    /// <summary>The document key: <see cref="Source"/> and the number of the passage.</summary>
    [JsonPropertyName("id")] public string Id { get; init; } = "";

    /// <summary>Which document it is of: one text under one path with one set of readers.</summary>
    [JsonPropertyName("source")] public string Source { get; init; } = "";

    [JsonPropertyName("document")] public string Document { get; init; } = "";

    [JsonPropertyName("section")] public string Section { get; init; } = "";

    [JsonPropertyName("text")] public string Text { get; init; } = "";

    [JsonPropertyName("start")] public int Start { get; init; }

    /// <summary>Who may read it; empty for everybody.</summary>
    [JsonPropertyName("roles")] public IReadOnlyList<string> Roles { get; init; } = [];

    [JsonPropertyName("vector")] public IReadOnlyList<float> Vector { get; init; } = [];

    /// <summary>The index. Vectors are compared by a graph (HNSW) with more neighbours than the service's own default, so that little is missed; the words are those of English.</summary>
    public static SearchIndex Index(string name, int dimensions) => new(name)
    {
        Fields =
        {
            new SearchField("id", SearchFieldDataType.String) { IsKey = true, IsFilterable = true, IsSearchable = false, IsSortable = false, IsFacetable = false, IsHidden = false },
            new SearchField("source", SearchFieldDataType.String) { IsFilterable = true, IsFacetable = true, IsSearchable = false, IsSortable = false, IsHidden = false },
            new SearchField("document", SearchFieldDataType.String) { IsFilterable = true, IsSearchable = false, IsSortable = false, IsFacetable = false, IsHidden = false },
            Words("section"),
            Words("text"),
            new SearchField("start", SearchFieldDataType.Int32) { IsFilterable = false, IsSortable = false, IsFacetable = false, IsHidden = false },
            new SearchField("roles", SearchFieldDataType.Collection(SearchFieldDataType.String)) { IsFilterable = true, IsSearchable = false, IsFacetable = false, IsHidden = false },
            new SearchField("vector", SearchFieldDataType.Collection(SearchFieldDataType.Single))
            {
                IsSearchable = true, IsFilterable = false, IsSortable = false, IsFacetable = false, IsHidden = false, VectorSearchDimensions = dimensions, VectorSearchProfileName = VectorProfile,
            },
        },
        VectorSearch = new VectorSearch
        {
            Profiles = { new VectorSearchProfile(VectorProfile, Algorithm) },
            Algorithms = { new HnswAlgorithmConfiguration(Algorithm) { Parameters = new HnswParameters { M = 8, EfConstruction = 400, EfSearch = 1000, Metric = VectorSearchAlgorithmMetric.Cosine } } },
        },
    };

    static SearchField Words(string name) => new(name, SearchFieldDataType.String)
    {
        IsSearchable = true, IsFilterable = false, IsSortable = false, IsFacetable = false, IsHidden = false, AnalyzerName = LexicalAnalyzerName.EnLucene,
    };
}

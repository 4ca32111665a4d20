using System.Collections.Concurrent;
using System.Text.Json;

namespace AiOs.Shared.Tests.Retrieval.Azure;

/// <summary>The indexes of a <see cref="SearchServer"/>, checked and searched.</summary>
sealed class SearchIndexes
{
    static readonly string[] FieldMembers = ["name", "type", "key", "searchable", "filterable", "sortable", "facetable", "retrievable", "analyzer", "dimensions", "vectorSearchProfile", "synonymMaps", "fields"];
    static readonly string[] SearchMembers = ["count", "facets", "filter", "search", "searchFields", "searchMode", "queryType", "select", "top", "vectorQueries", "vectorFilterMode"];
    static readonly string[] VectorMembers = ["kind", "vector", "k", "fields"];

    readonly ConcurrentDictionary<string, JsonElement> definitions = new(StringComparer.Ordinal);
    readonly ConcurrentDictionary<string, ConcurrentDictionary<string, JsonElement>> documents = new(StringComparer.Ordinal);

    /// <summary>The documents of the only index.</summary>
    public IReadOnlyCollection<JsonElement> Documents => documents.IsEmpty ? [] : [.. documents.Values.Single().Values];

    public bool Has(string index) => definitions.ContainsKey(index);

    /// <summary>Whether it is new.</summary>
    public bool Put(string index, JsonElement definition)
    {
        if (definition.GetProperty("name").GetString() != index) throw new BadRequestException("The name in the body is another.");
        var profiles = definition.GetProperty("vectorSearch").GetProperty("profiles").EnumerateArray().ToDictionary(p => p.GetProperty("name").GetString()!, p => p.GetProperty("algorithm").GetString());
        var algorithms = definition.GetProperty("vectorSearch").GetProperty("algorithms").EnumerateArray().ToDictionary(a => a.GetProperty("name").GetString()!);
        foreach (var field in definition.GetProperty("fields").EnumerateArray())
        {
            Only(field, FieldMembers);
            var type = field.GetProperty("type").GetString();
            var vector = type == "Collection(Edm.Single)";
            if (type is not ("Edm.String" or "Edm.Int32" or "Collection(Edm.String)" or "Collection(Edm.Single)")) throw new BadRequestException($"The type {type}.");
            if (Is(field, "key") && type != "Edm.String") throw new BadRequestException("A key is a string.");
            if (type.StartsWith("Collection", StringComparison.Ordinal) && Is(field, "sortable")) throw new BadRequestException("A collection cannot be sorted by.");
            if (type == "Edm.Int32" && Is(field, "searchable")) throw new BadRequestException("A number cannot be searched.");
            if (vector != field.TryGetProperty("dimensions", out var d) && (!vector || d.ValueKind == JsonValueKind.Number)) throw new BadRequestException("Dimensions belong to vectors.");
            if (vector && (Is(field, "filterable") || Is(field, "facetable") || !Is(field, "searchable") || !algorithms.ContainsKey(profiles[field.GetProperty("vectorSearchProfile").GetString()!]!))) throw new BadRequestException("The vector field.");
        }

        if (definition.GetProperty("fields").EnumerateArray().Count(f => Is(f, "key")) != 1) throw new BadRequestException("One field is the key.");
        foreach (var parameters in algorithms.Values.Select(a => a.GetProperty("hnswParameters")))
            if (parameters.GetProperty("m").GetInt32() is < 4 or > 10 || parameters.GetProperty("efConstruction").GetInt32() is < 100 or > 1000 || parameters.GetProperty("efSearch").GetInt32() is < 100 or > 1000 || parameters.GetProperty("metric").GetString() != "cosine")
                throw new BadRequestException("HNSW parameters.");
        documents.TryAdd(index, new(StringComparer.Ordinal));
        var fresh = !definitions.ContainsKey(index);
        if (!fresh && definitions[index].ToString() != definition.ToString()) throw new BadRequestException("A field that exists cannot be changed.");
        definitions[index] = definition.Clone();
        return fresh;
    }

    public IReadOnlyList<(string Key, bool Status, int StatusCode)> Index(string index, JsonElement body, long bytes, Func<string, int?>? statusOf)
    {
        Only(body, ["value"]);
        if (bytes > 16 * 1024 * 1024 || body.GetProperty("value").GetArrayLength() is 0 or > 1_000) throw new BadRequestException("A batch has 1 to 1,000 documents and at most 16 MB.");
        List<(string, bool, int)> results = [];
        foreach (var document in body.GetProperty("value").EnumerateArray())
        {
            var key = document.GetProperty("id").GetString()!;
            if (key.Length is 0 or > 1024 || key[0] == '_' || !key.All(c => char.IsAsciiLetterOrDigit(c) || c is '_' or '-' or '=')) throw new BadRequestException($"The key {key}.");
            var status = statusOf?.Invoke(key);
            switch (document.GetProperty("@search.action").GetString())
            {
                case "mergeOrUpload":
                    foreach (var member in document.EnumerateObject().Where(m => m.Name != "@search.action"))
                        if (!Field(index, member.Name, out var field)) throw new BadRequestException($"There is no field {member.Name}.");
                        else if (field.GetProperty("type").GetString() == "Collection(Edm.Single)" && member.Value.GetArrayLength() != field.GetProperty("dimensions").GetInt32()) throw new BadRequestException("The vector's dimensions.");
                    if (status is null) documents[index][key] = document.Clone();
                    results.Add((key, status is null, status ?? 201));
                    break;
                case "delete":
                    if (status is null) documents[index].TryRemove(key, out _);
                    results.Add((key, status is null, status ?? 200));
                    break;
                case var action:
                    throw new BadRequestException($"The action {action}.");
            }
        }

        return results;
    }

    public object Search(string index, JsonElement body)
    {
        Only(body, SearchMembers);
        var (filter, words) = (new FilterExpression(Text(body, "filter") ?? throw new BadRequestException("Every search of ours is filtered.")), Text(body, "search") ?? "*");
        if (words != "*" && words.IndexOfAny(['+', '|', '-', '"', '(', ')', '*', '~']) >= 0) throw new BadRequestException($"The words hold an operator: {words}");
        foreach (var name in Names(body, "searchFields").Concat(Names(body, "select")))
            if (!Field(index, name, out _)) throw new BadRequestException($"There is no field {name}.");
        if (Names(body, "searchFields").Any(name => Field(index, name, out var field) && !Is(field, "searchable"))) throw new BadRequestException("A field that cannot be searched.");
        if (Text(body, "searchMode") is not (null or "any" or "all") || Text(body, "queryType") is not (null or "simple") || Text(body, "vectorFilterMode") is not (null or "preFilter")) throw new BadRequestException("The modes.");
        var kept = documents[index].Values.Where(filter.Holds).ToList();
        var (top, select) = (body.TryGetProperty("top", out var t) ? t.GetInt32() : 50, Names(body, "select").ToList());
        if (top is < 0 or > 1_000) throw new BadRequestException("top.");
        var found = words == "*" ? [.. kept.Select(d => (Document: d, Score: 1.0))] : Fused(kept, words, Names(body, "searchFields").ToList(), body);
        var answer = new Dictionary<string, object?>
        {
            ["@odata.context"] = "https://test/indexes('x')/$metadata#docs(*)",
            ["value"] = found.Take(top).Select(f => f.Document.EnumerateObject().Where(m => select.Count == 0 ? m.Name != "@search.action" : select.Contains(m.Name))
                .ToDictionary(m => m.Name, m => (object)m.Value).Append(new("@search.score", f.Score)).ToDictionary()),
        };
        if (Facets(index, kept, body) is { } facets) answer["@search.facets"] = facets;
        return answer;
    }

    Dictionary<string, object>? Facets(string index, List<JsonElement> kept, JsonElement body)
    {
        if (!body.TryGetProperty("facets", out var facets)) return null;
        return facets.EnumerateArray().Select(f => f.GetString()!.Split(',')).ToDictionary(f => f[0], f => Field(index, f[0], out var field) && Is(field, "facetable")
            ? (object)kept.GroupBy(d => d.GetProperty(f[0]).GetString()).OrderByDescending(g => g.Count()).Take(int.Parse(f[1]["count:".Length..], System.Globalization.CultureInfo.InvariantCulture)).Select(g => new { count = g.Count(), value = g.Key }).ToList()
            : throw new BadRequestException($"{f[0]} has no facets."));
    }

    static List<(JsonElement Document, double Score)> Fused(List<JsonElement> kept, string words, List<string> fields, JsonElement body)
    {
        var asked = AiOs.Agents.Retrieval.Terms.Of(words).ToHashSet();
        var byWords = kept.Select(d => (Document: d, Score: fields.Sum(f => AiOs.Agents.Retrieval.Terms.Of(d.GetProperty(f).GetString()!).Distinct().Count(asked.Contains)) / 10.0)).Where(d => d.Score > 0).OrderByDescending(d => d.Score).Select(d => d.Document).ToList();
        List<List<JsonElement>> rankings = [byWords];
        foreach (var query in body.TryGetProperty("vectorQueries", out var queries) ? queries.EnumerateArray().ToArray() : [])
        {
            Only(query, VectorMembers);
            if (query.GetProperty("kind").GetString() != "vector") throw new BadRequestException("The kind of a vector query.");
            var vector = Floats(query.GetProperty("vector"));
            rankings.Add([.. kept.OrderByDescending(d => Floats(d.GetProperty(query.GetProperty("fields").GetString()!)).Zip(vector, (a, b) => a * b).Sum()).Take(query.GetProperty("k").GetInt32())]);
        }

        return [.. rankings.SelectMany(r => r.Select((d, rank) => (Document: d, Share: 1.0 / (60 + rank)))).GroupBy(d => d.Document.GetProperty("id").GetString()).Select(g => (g.First().Document, g.Sum(d => d.Share))).OrderByDescending(f => f.Item2)];
    }

    bool Field(string index, string name, out JsonElement field)
    {
        field = definitions[index].GetProperty("fields").EnumerateArray().FirstOrDefault(f => f.GetProperty("name").GetString() == name);
        return field.ValueKind == JsonValueKind.Object;
    }

    static float[] Floats(JsonElement array) => [.. array.EnumerateArray().Select(e => e.GetSingle())];

    static bool Is(JsonElement field, string attribute) => field.TryGetProperty(attribute, out var value) && value.ValueKind == JsonValueKind.True;

    static string? Text(JsonElement body, string name) => body.TryGetProperty(name, out var value) ? value.GetString() : null;

    static IEnumerable<string> Names(JsonElement body, string name) => Text(body, name)?.Split(',') ?? [];

    static void Only(JsonElement body, string[] members)
    {
        if (body.EnumerateObject().Select(m => m.Name).FirstOrDefault(name => !members.Contains(name)) is { } unknown) throw new BadRequestException($"The member {unknown} is not declared.");
    }
}

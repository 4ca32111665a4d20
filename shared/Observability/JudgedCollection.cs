using System.Text.Json;
using AiOs.DataPlane;

namespace AiOs.Observability;

/// <summary>A document of a test collection, one JSON object a line: <c>{"id", "title", "text"}</c>.</summary>
public sealed record JudgedDocument(string Id, string? Title, string Text);

/// <summary>A query with the ids of the documents that people found relevant: <c>{"query", "relevant": [...]}</c>.</summary>
public sealed record JudgedQuery(string Query, IReadOnlyList<string> Relevant);

/// <summary>Reads test collections.</summary>
public static class JudgedCollection
{
    /// <summary>Every line of a JSONL file.</summary>
    /// <exception cref="InvalidDataException">A line is no such object; the message says which.</exception>
    public static IReadOnlyList<T> Read<T>(string path)
    {
        List<T> found = [];
        var number = 0;
        foreach (var line in File.ReadLines(path))
        {
            number++;
            if (string.IsNullOrWhiteSpace(line))
                continue;
            try
            {
                found.Add(JsonSerializer.Deserialize<T>(line, Strict) ?? throw new JsonException("null is no object."));
            }
            catch (JsonException wrong)
            {
                throw new InvalidDataException($"{path}:{number}: {wrong.Message} Send one JSON object a line: " + (typeof(T) == typeof(JudgedDocument) ? """{"id": "...", "title": "...", "text": "..."}""" : """{"query": "...", "relevant": ["id", ...]}"""), wrong);
            }
        }

        return found.Count > 0 ? found : throw new InvalidDataException($"{path} is empty.");
    }

    static readonly JsonSerializerOptions Strict = new(AiOsJson.Options) { RespectNullableAnnotations = true, RespectRequiredConstructorParameters = true };
}

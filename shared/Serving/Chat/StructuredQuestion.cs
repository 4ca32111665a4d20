using System.Text.Json;
using AiOs.DataPlane;
using AiOs.Serving.Calls;
using AiOs.Serving.Routing;
using AiOs.Serving.Wire;

namespace AiOs.Serving.Chat;

/// <summary>A question of the OS's own whose answer has a form: rules, data as one JSON object, and the JSON schema of the answer. No temperature: some models take only their own.</summary>
/// <param name="Name">Names the form.</param>
/// <param name="Description">What the answer is.</param>
/// <param name="Rules">What the model is to do.</param>
/// <param name="Schema">The form of the answer, strictly.</param>
public sealed record StructuredQuestion(string Name, string Description, string Rules, JsonElement Schema)
{
    /// <summary>The streamed request; nothing unmasked.</summary>
    /// <param name="model">Who is asked.</param>
    /// <param name="data">What the user's message holds, as an object.</param>
    public WireRequest For(RouteSettings model, object data) => WireRequest.Parse(JsonSerializer.SerializeToUtf8Bytes(new
    {
        model = model.Name,
        messages = new[] { new { role = "system", content = Rules }, new { role = "user", content = JsonSerializer.Serialize(data, AiOsJson.Options) } },
        stream = true,
        max_completion_tokens = model.MaxTokens,
        response_format = new { type = "json_schema", json_schema = new { name = Name, description = Description, strict = true, schema = Schema } },
    }, AiOsJson.Options), CallKind.Chat);
}

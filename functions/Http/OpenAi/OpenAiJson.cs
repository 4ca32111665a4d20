using System.Text.Json.Serialization;

namespace AiOs.Functions.Http.OpenAi;

/// <summary>The shapes of OpenAI's API that are written here; nulls are written too, as it does.</summary>
[JsonSerializable(typeof(ErrorBody)), JsonSerializable(typeof(ModelBody)), JsonSerializable(typeof(ModelsBody))]
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower)]
sealed partial class OpenAiJson : JsonSerializerContext;

sealed record ErrorBody(ErrorDetail Error);

sealed record ErrorDetail(string Message, string Type, string? Param, string? Code);

sealed record ModelBody(string Id, string Object, long Created, string OwnedBy);

sealed record ModelsBody(string Object, IReadOnlyList<ModelBody> Data);

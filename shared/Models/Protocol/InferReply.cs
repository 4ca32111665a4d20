using System.Buffers;
using System.Text.Json;

namespace AiOs.Models.Protocol;

/// <summary>Writes the reply of an inference: JSON, and behind it the outputs that are wanted as binary.</summary>
static class InferReply
{
    static readonly JsonWriterOptions trusting = new() { SkipValidation = true, Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>Writes the JSON part into <paramref name="header"/>.</summary>
    /// <param name="binary">Per output, whether it follows as binary.</param>
    /// <exception cref="ProtocolException">An output holds what JSON cannot carry.</exception>
    public static void Write(IBufferWriter<byte> header, string model, string version, string? id, IReadOnlyList<Tensor> outputs, ReadOnlySpan<bool> binary)
    {
        using var json = new Utf8JsonWriter(header, trusting);
        json.WriteStartObject();
        json.WriteString("model_name"u8, model);
        json.WriteString("model_version"u8, version);
        if (id is not null)
            json.WriteString("id"u8, id);
        json.WriteStartArray("outputs"u8);
        for (var i = 0; i < outputs.Count; i++)
            if (binary[i])
                TensorJson.WriteHeader(json, outputs[i]);
            else
                TensorJson.Write(json, outputs[i]);
        json.WriteEndArray();
        json.WriteEndObject();
    }
}

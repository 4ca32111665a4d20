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
            Write(json, outputs[i], binary[i]);
        json.WriteEndArray();
        json.WriteEndObject();
    }

    static void Write(Utf8JsonWriter json, Tensor output, bool binary)
    {
        json.WriteStartObject();
        json.WriteString("name"u8, output.Name);
        json.WriteString("datatype"u8, output.Type.Word);
        json.WriteStartArray("shape"u8);
        foreach (var length in output.Shape)
            json.WriteNumberValue(length);
        json.WriteEndArray();
        if (binary)
        {
            json.WriteStartObject("parameters"u8);
            json.WriteNumber("binary_data_size"u8, output.Data.Length);
            json.WriteEndObject();
        }
        else
        {
            json.WriteStartArray("data"u8);
            JsonElements.Write(json, output);
            json.WriteEndArray();
        }
        json.WriteEndObject();
    }
}

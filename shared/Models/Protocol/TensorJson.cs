using System.Text.Json;

namespace AiOs.Models.Protocol;

/// <summary>Writes a tensor in the JSON of the protocol: an input of a request, an output of a reply.</summary>
static class TensorJson
{
    /// <summary>With its elements in it, flat.</summary>
    /// <exception cref="ProtocolException">It holds what JSON cannot carry.</exception>
    public static void Write(Utf8JsonWriter json, Tensor tensor)
    {
        Begin(json, tensor);
        json.WriteStartArray("data"u8);
        JsonElements.Write(json, tensor);
        json.WriteEndArray();
        json.WriteEndObject();
    }

    /// <summary>With the number of bytes that follow behind the JSON.</summary>
    public static void WriteHeader(Utf8JsonWriter json, Tensor tensor)
    {
        Begin(json, tensor);
        json.WriteStartObject("parameters"u8);
        json.WriteNumber("binary_data_size"u8, tensor.Data.Length);
        json.WriteEndObject();
        json.WriteEndObject();
    }

    static void Begin(Utf8JsonWriter json, Tensor tensor)
    {
        json.WriteStartObject();
        json.WriteString("name"u8, tensor.Name);
        json.WriteString("datatype"u8, tensor.Type.Word);
        json.WriteStartArray("shape"u8);
        foreach (var length in tensor.Shape)
            json.WriteNumberValue(length);
        json.WriteEndArray();
    }
}

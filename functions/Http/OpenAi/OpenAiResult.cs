using System.Runtime.InteropServices;
using System.Text.Json;
using AiOs.Serving.Calls;
using AiOs.Serving.Gateway;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;

namespace AiOs.Functions.Http.OpenAi;

/// <summary>JSON that is written already.</summary>
sealed class OpenAiResult(ReadOnlyMemory<byte> json) : IActionResult
{
    public Task ExecuteResultAsync(ActionContext context)
    {
        var response = context.HttpContext.Response;
        response.ContentType = "application/json";
        response.ContentLength = json.Length;
        return response.Body.WriteAsync(json, context.HttpContext.RequestAborted).AsTask();
    }
}

/// <summary>Vectors, as numbers or as base64 of little-endian floats.</summary>
sealed class VectorResult(VectorAnswer answer, bool base64) : IActionResult
{
    public async Task ExecuteResultAsync(ActionContext context)
    {
        var response = context.HttpContext.Response;
        CallHeaders.Write(response, answer.CallId, answer.Deployment, CallEnd.Answered, answer.SoftExceeded);
        response.ContentType = "application/json";
        await using (var writer = new Utf8JsonWriter(response.BodyWriter))
            Write(writer);
        await response.BodyWriter.FlushAsync(context.HttpContext.RequestAborted);
    }

    void Write(Utf8JsonWriter writer)
    {
        writer.WriteStartObject();
        writer.WriteString("object"u8, "list"u8);
        writer.WriteStartArray("data"u8);
        for (var i = 0; i < answer.Vectors.Count; i++)
        {
            writer.WriteStartObject();
            writer.WriteString("object"u8, "embedding"u8);
            writer.WriteNumber("index"u8, i);
            if (base64)
                writer.WriteBase64String("embedding"u8, MemoryMarshal.AsBytes<float>(answer.Vectors[i]));
            else
            {
                writer.WriteStartArray("embedding"u8);
                foreach (var number in answer.Vectors[i])
                    writer.WriteNumberValue(number);
                writer.WriteEndArray();
            }
            writer.WriteEndObject();
        }
        writer.WriteEndArray();
        writer.WriteString("model"u8, answer.Model);
        writer.WriteStartObject("usage"u8);
        writer.WriteNumber("prompt_tokens"u8, answer.Usage.InputTokens);
        writer.WriteNumber("total_tokens"u8, answer.Usage.InputTokens);
        writer.WriteEndObject();
        writer.WriteEndObject();
    }
}

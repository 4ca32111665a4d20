using AiOs.Serving.Gateway;
using AiOs.Serving.Wire;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;

namespace AiOs.Functions.Http.OpenAi;

/// <summary>A whole chat completion, what tokens stood for put back.</summary>
sealed class ChatResult(ChatAnswer answer, Restoration restoration) : IActionResult
{
    public Task ExecuteResultAsync(ActionContext context)
    {
        var response = context.HttpContext.Response;
        CallHeaders.Write(response, answer.CallId, answer.Deployment, answer.End, answer.SoftExceeded);
        response.ContentType = "application/json";
        var json = restoration.Reply(answer.Json);
        response.ContentLength = json.Length;
        return response.Body.WriteAsync(json, context.HttpContext.RequestAborted).AsTask();
    }
}

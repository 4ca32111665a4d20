using System.ClientModel.Primitives;
using AiOs.Serving.Chat;
using Microsoft.Extensions.AI;
using OpenAI;
using OpenAI.Chat;

namespace AiOs.Serving.OpenAi;

/// <summary>Any endpoint that speaks OpenAI's chat completions: OpenAI, Azure OpenAI's v1 API, vLLM, Ollama, llama.cpp and others.</summary>
static class OpenAiChat
{
    /// <summary>A client that never repeats a request by itself, logs nothing and fails only with <see cref="ModelException"/>.</summary>
    public static IChatClient Client(ChatModelSettings model, AuthenticationPolicy authentication, OpenAiTransport transport)
    {
        var options = new OpenAIClientOptions
        {
            Endpoint = model.Url,
            Transport = transport.Pipeline,
            RetryPolicy = new ClientRetryPolicy(maxRetries: 0),
            NetworkTimeout = Timeout.InfiniteTimeSpan,   // every call brings its deadline
            ClientLoggingOptions = new ClientLoggingOptions { EnableLogging = false },
            EnableDistributedTracing = false,
        };
#pragma warning disable OPENAI001 // The constructor that takes an authentication policy is marked as for evaluation; the alternatives hold a key for good.
        return new OpenAiFailures(new ChatClient(model.Model, authentication, options).AsIChatClient());
#pragma warning restore OPENAI001
    }
}

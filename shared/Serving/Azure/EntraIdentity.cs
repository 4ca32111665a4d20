using System.ClientModel.Primitives;
using Azure.Core;
using Azure.Identity;

namespace AiOs.Serving.Azure;

/// <summary>Azure OpenAI's v1 API (<c>https://NAME.openai.azure.com/openai/v1</c>) without a key: by the identity that this process has, managed or signed in.</summary>
static class EntraIdentity
{
    /// <summary>What tokens are asked for (learn.microsoft.com/azure/ai-foundry/openai/api-version-lifecycle).</summary>
    public const string Scope = "https://cognitiveservices.azure.com/.default";

    /// <summary>Fetches tokens, keeps them and renews them before they end.</summary>
    public static AuthenticationPolicy Policy(TokenCredential? identity = null) => new BearerTokenPolicy(identity ?? new DefaultAzureCredential(), Scope);
}

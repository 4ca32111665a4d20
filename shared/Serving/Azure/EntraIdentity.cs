using AiOs.Serving.Backends;
using Azure.Core;
using Azure.Identity;

namespace AiOs.Serving.Azure;

/// <summary>The Microsoft Entra identity that this process has, managed or signed in, instead of a key.</summary>
sealed class EntraIdentity(string scope, TokenCredential? identity = null) : ICredential
{
    /// <summary>For Azure OpenAI's v1 API (learn.microsoft.com/azure/ai-foundry/openai/api-version-lifecycle).</summary>
    public const string OpenAiScope = "https://cognitiveservices.azure.com/.default";

    /// <summary>For online endpoints of Azure Machine Learning (learn.microsoft.com/azure/machine-learning/how-to-authenticate-online-endpoint).</summary>
    public const string MachineLearningScope = "https://ml.azure.com/.default";

    readonly Lazy<TokenCredential> identity = new(() => identity ?? new DefaultAzureCredential());

    /// <inheritdoc/>
    /// <remarks>The credential keeps its token and renews it before it ends.</remarks>
    public async ValueTask<string?> AuthorizationAsync(CancellationToken cancellationToken) =>
        "Bearer " + (await identity.Value.GetTokenAsync(new TokenRequestContext([scope]), cancellationToken)).Token;
}

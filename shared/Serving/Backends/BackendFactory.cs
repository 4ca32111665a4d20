using AiOs.Security;
using AiOs.Serving.Azure;
using AiOs.Serving.Routing;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.Configuration;

namespace AiOs.Serving.Backends;

/// <summary>Makes what asks a deployment.</summary>
sealed class BackendFactory(ModelTransport transport, IConfiguration configuration, ISecrets secrets, IEmbeddingGenerator<string, Embedding<float>> encoder)
{
    public IBackend For(DeploymentSettings settings) => settings.Backend switch
    {
        BackendKind.OpenAi => new OpenAiBackend(settings, Credential(settings), transport),
        BackendKind.Inference => new InferenceBackend(settings, Credential(settings), transport),
        BackendKind.AzureMl => new AzureMlBackend(settings, Credential(settings), transport),
        BackendKind.Encoder => new EncoderBackend(encoder),
        _ => throw new InvalidOperationException($"There is no backend {settings.Backend}."),
    };

    ICredential Credential(DeploymentSettings settings) => settings.Auth == DeploymentAuth.Entra
        ? new EntraIdentity(settings.Backend == BackendKind.AzureMl || settings.AzureDeployment is not null ? EntraIdentity.MachineLearningScope : EntraIdentity.OpenAiScope)
        : new KeyCredential(settings.Secret, configuration, secrets);
}

using System.ClientModel.Primitives;
using AiOs.Security;
using AiOs.Serving.Chat;
using Microsoft.Extensions.Configuration;

namespace AiOs.Serving.OpenAi;

/// <summary>Sends the model's key as a bearer token: the setting <c>AIOS_MODELS_&lt;NAME&gt;_KEY</c>, else the secret <c>&lt;name&gt;</c> of <see cref="Owner"/>.
/// It is read at every request, so it can be rotated; without one, nothing is sent.</summary>
public sealed class KeyPolicy(string model, IConfiguration configuration, ISecrets secrets) : AuthenticationPolicy
{
    /// <summary>Whose secrets the keys of models are: the name of no app, so that no app can be granted one.</summary>
    public const string Owner = "_models";

    /// <inheritdoc/>
    public override void Process(PipelineMessage message, IReadOnlyList<PipelinePolicy> pipeline, int currentIndex) =>
        throw new NotSupportedException("Models are asked asynchronously.");

    /// <inheritdoc/>
    public override async ValueTask ProcessAsync(PipelineMessage message, IReadOnlyList<PipelinePolicy> pipeline, int currentIndex)
    {
        if ((configuration[ChatModelSettings.KeyOf(model)] is { Length: > 0 } set ? set : await secrets.GetAsync(Owner, model, message.CancellationToken))?.Trim() is { Length: > 0 } key)
            message.Request.Headers.Set("Authorization", "Bearer " + (key.All(c => c is > ' ' and <= '~') ? key
                : throw new ModelException(ModelFailure.Rejected, $"The key of model '{model}' has characters that no header can carry.")));
        await ProcessNextAsync(message, pipeline, currentIndex);
    }
}

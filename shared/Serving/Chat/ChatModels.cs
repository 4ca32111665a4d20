using Microsoft.Extensions.AI;

namespace AiOs.Serving.Chat;

/// <summary>A chat model by its logical name: who to ask, and on which terms.</summary>
/// <param name="Settings">What the operator configured.</param>
/// <param name="Client">Answers; whatever goes wrong is a <see cref="ModelException"/>.</param>
public sealed record ChatModel(ChatModelSettings Settings, IChatClient Client);

/// <summary>The chat models of this installation by logical name (<c>answer</c>).</summary>
public sealed class ChatModels(IReadOnlyList<ChatModel> models)
{
    /// <summary>The model, or null where the operator has configured none of that name.</summary>
    public ChatModel? Find(string name) => models.FirstOrDefault(model => model.Settings.Name == name);
}

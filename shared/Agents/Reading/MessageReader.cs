using AiOs.Agents.Asking;
using AiOs.Agents.Extraction;
using AiOs.Agents.Generation.Grounded;
using AiOs.Security;
using AiOs.Serving.Calls;
using AiOs.Serving.Chat;
using AiOs.Serving.Gateway;

namespace AiOs.Agents.Reading;

/// <summary>What a message says and what it is about.</summary>
/// <param name="Text">The message. Whatever is personal in it is masked before it leaves, also what the app leaves alone.</param>
/// <param name="Today">The day on which it was written, where its author lives.</param>
/// <param name="Intents">What the app knows.</param>
/// <param name="Fields">What its steps look for.</param>
public sealed record ReadingRequest(string Text, DateOnly Today, IReadOnlyList<ReadableIntent> Intents, IReadOnlyList<FieldSpec> Fields);

/// <summary>Has a chat model that the operator configured read messages that the app's own models cannot. What a model does wrong is no error: there is no reading then, and its reason.</summary>
public sealed class MessageReader(ModelGateway models, Questioner questioner, Masking masking)
{
    const int Longest = 8_000;

    /// <summary>Where there is no such model, or a message is too long for one.</summary>
    const ModelFailure NotAsked = ModelFailure.Unavailable;

    /// <summary>What the message means; nothing with the reason where no such model is configured, the message is longer than 8,000 characters, the model does not deliver in time, or what it says does not stand the check.</summary>
    /// <param name="terms">Whose message it is, and in which run.</param>
    /// <param name="model">The logical name of the model.</param>
    /// <param name="request">The message, and what it may mean.</param>
    /// <param name="journal">Where attempts are written down.</param>
    /// <param name="cancellationToken">Stops the work.</param>
    public async Task<Reply<ReadMessage>> ReadAsync(CallTerms terms, string model, ReadingRequest request, IAnswerJournal journal, CancellationToken cancellationToken)
    {
        if (models.Find(model) is not { Kind: CallKind.Chat } route || request.Text.Length > Longest)
            return new(null, NotAsked);
        var masked = (await masking.MaskAsync(terms.App, request.Text, MaskKinds.All, cancellationToken)).Text;
        var fields = ReadingQuestion.Asked(request.Fields);
        return await questioner.AskAsync(terms, route, ReadingQuestion.Of(request.Intents, fields), ReadingQuestion.Data(masked, request.Today, request.Intents, fields), (16 * masked.Length) + 8_000, "read",
            written => ReadingCheck.Read(written, masked, request.Intents, fields), journal, cancellationToken);
    }
}

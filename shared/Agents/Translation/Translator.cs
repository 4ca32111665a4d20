using System.Text.Json;
using AiOs.Agents.Asking;
using AiOs.Agents.Generation.Grounded;
using AiOs.DataPlane;
using AiOs.Security;
using AiOs.Serving.Calls;
using AiOs.Serving.Chat;
using AiOs.Serving.Gateway;

namespace AiOs.Agents.Translation;

/// <summary>Translates messages to English and answers back, through a chat model that the operator configured. What a model does wrong is no error: there is no translation then, and a person is needed.</summary>
public sealed class Translator(ModelGateway models, Questioner questioner, Masking masking)
{
    const int Longest = 8_000;

    const string English = "en";

    /// <summary>What <paramref name="text"/> says in English; null where no such model is configured, it does not deliver in time, or its work does not stand the check.</summary>
    /// <param name="terms">Whose message it is, and in which run.</param>
    /// <param name="model">The logical name of the model.</param>
    /// <param name="text">The message. Whatever is personal in it is masked before it leaves, also what the app leaves alone; the first 8,000 characters count.</param>
    /// <param name="journal">Where attempts are written down.</param>
    /// <param name="cancellationToken">Stops the work.</param>
    public async Task<TranslatedMessage?> ToEnglishAsync(CallTerms terms, string model, string text, IAnswerJournal journal, CancellationToken cancellationToken) =>
        await TranslateAsync(terms, model, text, English, journal, cancellationToken) is { } found && !TranslationCheck.IsEnglish(found.Language) ? found : null;

    /// <summary>An answer in <paramref name="language"/>; null as above.</summary>
    public async Task<string?> FromEnglishAsync(CallTerms terms, string model, string text, string language, IAnswerJournal journal, CancellationToken cancellationToken) =>
        (await TranslateAsync(terms, model, text, language, journal, cancellationToken))?.Text;

    async Task<TranslatedMessage?> TranslateAsync(CallTerms terms, string name, string text, string to, IAnswerJournal journal, CancellationToken cancellationToken)
    {
        if (models.Find(name) is not { Kind: CallKind.Chat } model || text.Length > Longest)
            return null;
        var masked = (await masking.MaskAsync(terms.App, text, MaskKinds.All, cancellationToken)).Text;
        return (await questioner.AskAsync(terms, model, TranslationPrompt.Question, new { text = masked, to }, (8 * masked.Length) + 4_000, "translated",
            written => Read(written, masked, to), journal, cancellationToken)).Found;
    }

    static TranslatedMessage Read(string written, string text, string to)
    {
        TranslatedMessage? found;
        try
        {
            found = JsonSerializer.Deserialize<TranslatedMessage>(written, AiOsJson.Options);
        }
        catch (Exception e) when (e is JsonException or ArgumentException)   // half a surrogate pair is no text
        {
            found = null;
        }

        if (found is not { Text: not null, Language: not null } || !TranslationCheck.Tag.IsMatch(found.Language))
            throw new ModelException(ModelFailure.Malformed, "The translation does not have the form that was asked for.");
        return TranslationCheck.Holds(text, found.Text, to == English) ? found : throw new ModelException(ModelFailure.Unsupported, "The translation did not stand the check.");
    }
}

using System.Text;
using System.Text.Json;
using AiOs.Agents.Generation.Grounded;
using AiOs.DataPlane;
using AiOs.Security;
using AiOs.Serving.Calls;
using AiOs.Serving.Chat;
using AiOs.Serving.Gateway;
using AiOs.Serving.Routing;
using AiOs.Telemetry;
using Microsoft.Extensions.Logging;

namespace AiOs.Agents.Translation;

/// <summary>Translates messages to English and answers back, through a chat model that the operator configured. What a model does wrong is no error: there is no translation then, and a person is needed.</summary>
public sealed class Translator(ModelGateway models, Masking masking, TimeProvider clock, ILogger<Translator> log)
{
    const int MostAttempts = 3, Longest = 8_000;
    const string StartedOutcome = "started", English = "en";

    static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(250);

    /// <summary>What <paramref name="text"/> says in English; null where no such model is configured, it does not deliver in time, or its work does not stand the check.</summary>
    /// <param name="terms">Whose message it is, and in which run.</param>
    /// <param name="model">The logical name of the model.</param>
    /// <param name="text">The message. Whatever is personal in it is masked before it leaves, also what the app leaves alone; the first 8,000 characters count.</param>
    /// <param name="journal">Where attempts are written down.</param>
    /// <param name="cancellationToken">Stops the work.</param>
    public async Task<TranslatedMessage?> ToEnglishAsync(CallTerms terms, string model, string text, IAnswerJournal journal, CancellationToken cancellationToken) =>
        await TranslateAsync(terms, model, text, English, journal, cancellationToken) is { } found && !found.Language.StartsWith(English + "-", StringComparison.Ordinal) && found.Language != English ? found : null;

    /// <summary>An answer in <paramref name="language"/>; null as above.</summary>
    public async Task<string?> FromEnglishAsync(CallTerms terms, string model, string text, string language, IAnswerJournal journal, CancellationToken cancellationToken) =>
        (await TranslateAsync(terms, model, text, language, journal, cancellationToken))?.Text;

    async Task<TranslatedMessage?> TranslateAsync(CallTerms terms, string name, string text, string to, IAnswerJournal journal, CancellationToken cancellationToken)
    {
        if (models.Find(name) is not { Kind: CallKind.Chat } model || text.Length > Longest)
            return null;
        var masked = (await masking.MaskAsync(terms.App, text, MaskKinds.All, cancellationToken)).Text;
        var number = (await journal.ReadAsync(cancellationToken)).Attempts.Count;
        var deadline = clock.GetUtcNow() + model.Timeout;
        using var time = new CancellationTokenSource(model.Timeout, clock);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(time.Token, cancellationToken);
        for (var (attempt, pause) = (1, FirstPause); ; attempt++, pause *= 2)
        {
            var (found, failed) = await TryAsync(model, terms with { Once = true }, masked, to, number + attempt, journal, both.Token, cancellationToken);
            if (failed is null)
                return found;
            log.ModelFailed(name, terms.App, attempt, failed.Message);
            var wait = failed.RetryAfter is { } asked && asked > pause ? asked : pause;
            if (!failed.CanRetry || attempt == MostAttempts || clock.GetUtcNow() + wait >= deadline)
                return null;
            await Task.Delay(wait, clock, cancellationToken);
        }
    }

    async Task<(TranslatedMessage? Found, ModelException? Failed)> TryAsync(RouteSettings model, CallTerms terms, string text, string to, int number, IAnswerJournal journal, CancellationToken deadline, CancellationToken cancellationToken)
    {
        var call = new ModelCall(models, TranslationPrompt.Request(model, text, to), terms);
        var attempt = new ModelAttempt(number, clock.GetUtcNow(), null, StartedOutcome, call.Usage, 0);
        // INVARIANT: on record before it costs anything.
        await journal.RecordAsync(attempt, cancellationToken);
        var (found, failed) = ((TranslatedMessage?)null, (ModelException?)null);
        try
        {
            found = await ReadAsync(call, text, to, deadline);
        }
        catch (ModelException e)
        {
            failed = e;
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            failed = new(ModelFailure.TimedOut, "The time was up.");
        }

        await journal.RecordAsync(attempt with { EndedAt = clock.GetUtcNow(), Outcome = failed is null ? "translated" : JsonNamingPolicy.CamelCase.ConvertName(failed.Failure.ToString()), Usage = call.Usage }, cancellationToken);
        return (found, failed);
    }

    static async Task<TranslatedMessage> ReadAsync(ModelCall call, string text, string to, CancellationToken deadline)
    {
        var written = new StringBuilder();
        await foreach (var piece in call.StreamAsync(deadline))
            if (written.Append(piece).Length > (8 * text.Length) + 4_000)
                throw new ModelException(ModelFailure.Malformed, "The translation does not end.");
        if (call.FinishReason == "content_filter")
            throw new ModelException(ModelFailure.Filtered, "The endpoint's content filter held the translation back.");
        if (call.FinishReason == "length")
            throw new ModelException(ModelFailure.CutOff, "The translation is longer than the model's most tokens.");
        if (call.FinishReason is null)
            throw new ModelException(ModelFailure.Broken, "The translation stopped without its end.");
        TranslatedMessage? found;
        try
        {
            found = JsonSerializer.Deserialize<TranslatedMessage>(written.ToString(), AiOsJson.Options);
        }
        catch (JsonException)
        {
            found = null;
        }

        if (found is not { Text: not null, Language: not null } || !TranslationCheck.Tag.IsMatch(found.Language))
            throw new ModelException(ModelFailure.Malformed, "The translation does not have the form that was asked for.");
        return TranslationCheck.Holds(text, found.Text, to == English) ? found : throw new ModelException(ModelFailure.Unsupported, "The translation did not stand the check.");
    }
}

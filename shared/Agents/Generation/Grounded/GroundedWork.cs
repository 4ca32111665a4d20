using System.Text.Json;
using AiOs.Agents.Retrieval;
using AiOs.Serving.Chat;
using AiOs.Serving.Gateway;
using AiOs.Serving.Routing;

namespace AiOs.Agents.Generation.Grounded;

/// <summary>One answer in the making: its attempts, and the sentences that stand already.</summary>
sealed class GroundedWork(ModelGateway gateway, RouteSettings model, CallTerms terms, string question, IReadOnlyList<Passage> passages, SentenceCheck check, IAnswerJournal journal, TimeProvider clock, AnswerSoFar so)
{
    const string AnsweredOutcome = "answered", AbstainedOutcome = "abstained", StartedOutcome = "started";

    /// <summary>Further sentences are not read.</summary>
    const int MostSentences = 8;

    readonly List<ModelAttempt> attempts = [.. so.Attempts];
    readonly List<GroundedSentence> sentences = [.. so.Sentences];
    int dropped;

    public RouteSettings Model => model;

    public IReadOnlyList<ModelAttempt> Attempts => attempts;

    public IReadOnlyList<GroundedSentence> Sentences => sentences;

    /// <summary>The model says that the passages do not answer.</summary>
    public bool Abstained => sentences.Count == 0 && attempts is [.., { Outcome: AbstainedOutcome }];

    /// <summary>Why the model's answer is not there, or not whole.</summary>
    public ModelFailure? Failure => attempts is not [.., var last] || last.Outcome is AnsweredOutcome or AbstainedOutcome ? null
        : Enum.TryParse<ModelFailure>(last.Outcome, ignoreCase: true, out var failure) ? failure : ModelFailure.Interrupted;

    /// <summary>Whether an earlier execution came far enough: what has been said stays said, and is not paid for again.</summary>
    public bool IsOver => sentences.Count > 0 || Abstained;

    /// <summary>Asks once. Null where that was the last word; else why the model is to be asked again, perhaps.</summary>
    /// <param name="deadline">Ends the attempt.</param>
    /// <param name="cancellationToken">Ends the work; the attempt stays recorded as started.</param>
    public async Task<ModelException?> TryAsync(CancellationToken deadline, CancellationToken cancellationToken)
    {
        var call = new ModelCall(gateway, GroundedPrompt.Request(model, question, passages), terms);
        var attempt = new ModelAttempt(attempts.Count + 1, clock.GetUtcNow(), null, StartedOutcome, call.Usage, 0);
        attempts.Add(attempt);
        // INVARIANT: on record before it costs anything, so that whoever does this step again knows of it.
        await journal.RecordAsync(attempt, cancellationToken);
        ModelException? failed = null;
        dropped = 0;
        try
        {
            await ReadAsync(call, deadline, cancellationToken);
        }
        catch (ModelException e)
        {
            failed = e;
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            failed = new(ModelFailure.TimedOut, "The time was up.");
        }

        var outcome = failed is not null ? JsonNamingPolicy.CamelCase.ConvertName(failed.Failure.ToString()) : sentences.Count > 0 ? AnsweredOutcome : AbstainedOutcome;
        attempts[^1] = attempt with { EndedAt = clock.GetUtcNow(), Outcome = outcome, Usage = call.Usage, Dropped = dropped };
        await journal.RecordAsync(attempts[^1], cancellationToken);
        return failed;
    }

    /// <summary>Checks and records each sentence as it comes.</summary>
    async Task ReadAsync(ModelCall call, CancellationToken deadline, CancellationToken cancellationToken)
    {
        var drafts = new Drafts();
        await foreach (var piece in call.StreamAsync(deadline))
            foreach (var draft in drafts.Add(piece).TakeWhile(_ => sentences.Count < MostSentences))
                if (await check.VerifyAsync(draft, cancellationToken) is { } sentence)
                {
                    sentences.Add(sentence);
                    await journal.RecordAsync(sentences.Count, sentence, cancellationToken);
                }
                else
                    dropped++;
        if (call.FinishReason == "content_filter")
            throw new ModelException(ModelFailure.Filtered, "The endpoint's content filter held the answer back.");
        if (call.FinishReason == "length")
            throw new ModelException(ModelFailure.CutOff, "The answer is longer than the model's most tokens.");
        if (call.FinishReason is null)
            throw new ModelException(ModelFailure.Broken, "The answer stopped without its end.");
        if (!drafts.IsWhole)
            throw new ModelException(ModelFailure.Malformed, "The answer does not have the form that was asked for.");
        if (sentences.Count == 0 && dropped > 0)
            throw new ModelException(ModelFailure.Unsupported, "No sentence stood the check.");
    }
}

using System.Text.Json;
using AiOs.Agents.Retrieval;
using AiOs.Security;
using AiOs.Serving.Calls;
using AiOs.Serving.Chat;
using AiOs.Serving.Gateway;
using AiOs.Telemetry;
using Microsoft.Extensions.Logging;

namespace AiOs.Agents.Generation.Grounded;

/// <summary>Answers in a model's words where one is configured, and only what its sources support; in the words of the sources where there is no model, or it does not deliver in time.</summary>
public sealed class GroundedAnswerer(ModelGateway models, ExtractiveAnswerer extractive, Masking masking, TimeProvider clock, ILogger<GroundedAnswerer> log)
{
    /// <summary>How often a model is asked that turns us away or is not there.</summary>
    const int MostAttempts = 3;

    const int LongestQuestion = 2_000;

    static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(250);

    /// <summary>The answer. What a model does wrong never fails the step; all attempts together take no longer than the model's timeout, counted from the first one of the step.</summary>
    /// <param name="request">What is asked. Whatever is personal in it is masked before it leaves, also what the app leaves alone.</param>
    /// <param name="journal">Where attempts and sentences are written down.</param>
    /// <param name="cancellationToken">Stops the work; what is written down stays.</param>
    public async Task<Answer> AnswerAsync(AnswerRequest request, IAnswerJournal journal, CancellationToken cancellationToken)
    {
        if (request.Passages.Count == 0 || !QueryText.IsLegible(request.Question) || models.Find(request.Model) is not { Kind: CallKind.Chat } model)
            return await extractive.AnswerAsync(request.Question, request.Passages, cancellationToken);
        var question = (await masking.MaskAsync(request.App, Cut(request.Question), MaskKinds.All, cancellationToken)).Text;
        var so = await journal.ReadAsync(cancellationToken);
        var work = new GroundedWork(models, model, request.Terms with { Once = true }, question, request.Passages, new SentenceCheck(extractive, question, request.Passages), journal, clock, so);
        if (!work.IsOver)
            await AskAsync(work, request.App, (so.Attempts.Count > 0 ? so.Attempts[0].BeganAt : clock.GetUtcNow()) + model.Timeout, cancellationToken);
        return await FinishAsync(work, request, cancellationToken);
    }

    async Task AskAsync(GroundedWork work, string app, DateTimeOffset deadline, CancellationToken cancellationToken)
    {
        var left = deadline - clock.GetUtcNow();
        using var time = new CancellationTokenSource(left > TimeSpan.Zero ? left : TimeSpan.Zero, clock);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(time.Token, cancellationToken);
        for (var pause = FirstPause; !both.IsCancellationRequested; pause *= 2)
        {
            if (await work.TryAsync(both.Token, cancellationToken) is not { } failed)
                return;
            log.ModelFailed(work.Model.Name, app, work.Attempts.Count, failed.Message);
            var wait = failed.RetryAfter is { } asked && asked > pause ? asked : pause;
            if (!failed.CanRetry || work.Attempts.Count >= MostAttempts || clock.GetUtcNow() + wait >= deadline)
                return;
            await Task.Delay(wait, clock, cancellationToken);
        }
    }

    async Task<Answer> FinishAsync(GroundedWork work, AnswerRequest request, CancellationToken cancellationToken)
    {
        var origin = new AnswerOrigin(AnswerSource.Generated, request.Model, work.Failure, work.Attempts.Count, work.Attempts.Aggregate(ModelUsage.None, (sum, attempt) => sum.Plus(attempt.Usage)), work.Attempts.Sum(a => a.Dropped));
        if (work.Sentences.Count > 0)
            return new(string.Join(' ', work.Sentences.Select(s => s.Text)), [.. work.Sentences.SelectMany(s => s.Citations).DistinctBy(c => (c.Document, c.Start, c.End))],
                work.Sentences.Min(s => s.Support), Abstained: false) { Origin = origin };
        if (work.Abstained)
            return new("", [], 0, Abstained: true) { Origin = origin };
        return await extractive.AnswerAsync(request.Question, request.Passages, cancellationToken) with
        {
            Origin = origin with { Source = AnswerSource.Extractive, Reason = work.Failure ?? ModelFailure.TimedOut },
        };
    }

    static string Cut(string text) => text.Length <= LongestQuestion ? text : text[..(char.IsHighSurrogate(text[LongestQuestion - 1]) ? LongestQuestion - 1 : LongestQuestion)];
}

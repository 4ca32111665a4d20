using System.Text;
using System.Text.Json;
using AiOs.Agents.Generation.Grounded;
using AiOs.Serving.Calls;
using AiOs.Serving.Chat;
using AiOs.Serving.Gateway;
using AiOs.Serving.Routing;
using AiOs.Serving.Wire;
using AiOs.Telemetry;
using Microsoft.Extensions.Logging;

namespace AiOs.Agents.Asking;

/// <summary>What came of a question: what the model said, or why there is nothing.</summary>
public readonly record struct Reply<T>(T? Found, ModelFailure? Failure) where T : class;

/// <summary>Asks a chat model a question whose answer has a form and is read whole: every attempt on record before it costs anything, asked again where that may help, all within the model's time.</summary>
public sealed class Questioner(ModelGateway models, TimeProvider clock, ILogger<Questioner> log)
{
    const int MostAttempts = 3;

    const string StartedOutcome = "started";

    static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(250);

    /// <summary>Asks.</summary>
    /// <param name="terms">For whom, and in which run.</param>
    /// <param name="model">Who is asked.</param>
    /// <param name="question">What is asked.</param>
    /// <param name="data">What the user's message holds; nothing unmasked.</param>
    /// <param name="mostCharacters">An answer that is longer does not end.</param>
    /// <param name="done">How the journal calls an attempt that succeeded.</param>
    /// <param name="read">Reads the answer; a <see cref="ModelException"/> where it is none.</param>
    /// <param name="journal">Where attempts are written down.</param>
    /// <param name="cancellationToken">Stops the work.</param>
    public async Task<Reply<T>> AskAsync<T>(CallTerms terms, RouteSettings model, StructuredQuestion question, object data, int mostCharacters, string done, Func<string, T> read, IAnswerJournal journal,
        CancellationToken cancellationToken) where T : class
    {
        var request = question.For(model, data);
        var number = (await journal.ReadAsync(cancellationToken)).Attempts.Count;
        var deadline = clock.GetUtcNow() + model.Timeout;
        using var time = new CancellationTokenSource(model.Timeout, clock);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(time.Token, cancellationToken);
        for (var (attempt, pause) = (1, FirstPause); ; attempt++, pause *= 2)
        {
            var call = new ModelCall(models, request, terms with { Once = true });
            var (found, failed) = await TryAsync(call, number + attempt, mostCharacters, done, read, journal, both.Token, cancellationToken);
            if (failed is null)
                return new(found, null);
            log.ModelFailed(model.Name, terms.App, attempt, failed.Message);
            var wait = failed.RetryAfter is { } asked && asked > pause ? asked : pause;
            if (!failed.CanRetry || attempt == MostAttempts || clock.GetUtcNow() + wait >= deadline)
                return new(null, failed.Failure);
            await Task.Delay(wait, clock, cancellationToken);
        }
    }

    async Task<(T? Found, ModelException? Failed)> TryAsync<T>(ModelCall call, int number, int mostCharacters, string done, Func<string, T> read, IAnswerJournal journal, CancellationToken deadline,
        CancellationToken cancellationToken) where T : class
    {
        var attempt = new ModelAttempt(number, clock.GetUtcNow(), null, StartedOutcome, call.Usage, 0);
        // INVARIANT: on record before it costs anything.
        await journal.RecordAsync(attempt, cancellationToken);
        var (found, failed) = ((T?)null, (ModelException?)null);
        try
        {
            found = read(await WholeAsync(call, mostCharacters, deadline));
        }
        catch (ModelException e)
        {
            failed = e;
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            failed = new(ModelFailure.TimedOut, "The time was up.");
        }

        await journal.RecordAsync(attempt with { EndedAt = clock.GetUtcNow(), Outcome = failed is null ? done : JsonNamingPolicy.CamelCase.ConvertName(failed.Failure.ToString()), Usage = call.Usage }, cancellationToken);
        return (found, failed);
    }

    static async Task<string> WholeAsync(ModelCall call, int mostCharacters, CancellationToken deadline)
    {
        var written = new StringBuilder();
        await foreach (var piece in call.StreamAsync(deadline))
            if (written.Append(piece).Length > mostCharacters)
                throw new ModelException(ModelFailure.Malformed, "The answer does not end.");
        return call.FinishReason switch
        {
            "content_filter" => throw new ModelException(ModelFailure.Filtered, "The endpoint's content filter held the answer back."),
            "length" => throw new ModelException(ModelFailure.CutOff, "The answer is longer than the model's most tokens."),
            null => throw new ModelException(ModelFailure.Broken, "The answer stopped without its end."),
            _ => written.ToString(),
        };
    }
}

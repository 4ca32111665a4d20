using System.Globalization;
using System.Text.Json;
using AiOs.Agents.Generation.Grounded;
using AiOs.DataPlane;
using AiOs.Serving.Chat;

namespace AiOs.ControlPlane.Runs;

/// <summary>The making of a step's answer in the timeline of its run: attempts as lines of the kind <c>model</c> (step <c>reply/model</c>, attempt n),
/// verified sentences as lines of the kind <c>sentence</c> (steps <c>reply/1</c>, <c>reply/2</c> ...).</summary>
public sealed class AnswerJournal(Runs runs, string runId, string step, TimeProvider clock) : IAnswerJournal
{
    internal const string ModelKind = "model";

    const string SentenceKind = "sentence";

    /// <inheritdoc/>
    public async Task<AnswerSoFar> ReadAsync(CancellationToken cancellationToken)
    {
        var lines = (await runs.EventsAsync(runId, 0, cancellationToken)).Where(line => line.Step.StartsWith(step + "/", StringComparison.Ordinal)).ToList();
        return new(
            [.. lines.Where(line => line.Kind == ModelKind).OrderBy(line => line.Attempt).Select(Attempt)],
            [.. lines.Where(line => line.Kind == SentenceKind).OrderBy(Number).Select(line => line.Facts!.Value.Deserialize<GroundedSentence>(AiOsJson.Options)!)]);
    }

    /// <inheritdoc/>
    public Task RecordAsync(ModelAttempt attempt, CancellationToken cancellationToken) =>
        WriteAsync($"{step}/model", attempt.Number, ModelKind, attempt.Outcome, attempt.BeganAt, attempt.EndedAt, new AttemptFacts(attempt.Usage, attempt.Dropped), cancellationToken);

    /// <inheritdoc/>
    public Task RecordAsync(int number, GroundedSentence sentence, CancellationToken cancellationToken) =>
        WriteAsync(string.Create(CultureInfo.InvariantCulture, $"{step}/{number}"), 1, SentenceKind, "verified", clock.GetUtcNow(), clock.GetUtcNow(), sentence, cancellationToken);

    Task WriteAsync(string path, int attempt, string kind, string outcome, DateTimeOffset began, DateTimeOffset? ended, object facts, CancellationToken cancellationToken) =>
        runs.RecordAsync(new(0, runId, path, attempt, kind, outcome, began, ended, JsonSerializer.SerializeToElement(facts, AiOsJson.Options)), cancellationToken);

    static ModelAttempt Attempt(RunEvent line)
    {
        var facts = line.Facts!.Value.Deserialize<AttemptFacts>(AiOsJson.Options)!;
        return new(line.Attempt, line.StartedAt, line.EndedAt, line.Outcome, facts.Usage, facts.Dropped);
    }

    static int Number(RunEvent line) => int.Parse(line.Step.AsSpan(line.Step.LastIndexOf('/') + 1), CultureInfo.InvariantCulture);

    internal sealed record AttemptFacts(ModelUsage Usage, int Dropped);
}

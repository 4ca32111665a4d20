using System.Data.Common;
using System.Text.Json;
using AiOs.DataPlane;
using AiOs.Serving.Chat;
using Dapper;

namespace AiOs.ControlPlane.Runs;

/// <summary>What a run's calls of models came to: the sum over the lines of the kind <c>model</c> in its timeline. Each is written before its call costs anything, so a call that a crash cut off counts too, by what was sent.</summary>
public static class RunCosts
{
    /// <summary>The sum over a timeline; null where no model was asked.</summary>
    public static RunCost? Of(IEnumerable<RunEvent> lines) => Sum(lines.Where(line => line.Kind == AnswerJournal.ModelKind && line.Facts is not null).Select(line => line.Facts!.Value.Deserialize<AnswerJournal.AttemptFacts>(AiOsJson.Options)!));

    /// <summary>The sum over a stored timeline.</summary>
    internal static async Task<RunCost?> OfAsync(DbConnection connection, DbTransaction transaction, string runId) =>
        Sum((await connection.QueryAsync<string>("SELECT facts FROM run_events WHERE run_id = @runId AND kind = @kind AND facts IS NOT NULL", new { runId, kind = AnswerJournal.ModelKind }, transaction))
            .Select(facts => JsonSerializer.Deserialize<AnswerJournal.AttemptFacts>(facts, AiOsJson.Options)!));

    static RunCost? Sum(IEnumerable<AnswerJournal.AttemptFacts> attempts)
    {
        var (calls, sum) = (0, ModelUsage.None);
        foreach (var attempt in attempts)
            (calls, sum) = (calls + 1, sum.Plus(attempt.Usage));
        return calls == 0 ? null : new(sum.Cost, calls, sum.InputTokens, sum.OutputTokens);
    }
}

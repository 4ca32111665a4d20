using System.Text.Json;
using AiOs.Serving.Calls;
using AiOs.Serving.Costs;
using AiOs.Telemetry;

namespace AiOs.Serving.Reports;

/// <summary>What is known of an ended call goes to the metrics and the report at once, to the ledger (never dropped) and to the captures (dropped under pressure) behind the reply.</summary>
sealed class CallLog(Ledger ledger, Captures.Captures captures, ServingStats stats) : ICallLog
{
    /// <inheritdoc/>
    public void Note(CallFacts call)
    {
        ledger.Add(call.Spender, call.Usage);
        stats.Add(call);
        captures.Add(call);
        GenAiTelemetry.Measure(new(Operation(call.Kind), call.Spender.Model, call.Deployment ?? call.Spender.Model)
        {
            Error = call.End == CallEnd.Failed ? call.Failure?.ToString() ?? "other" : null, InputTokens = call.Usage.InputTokens, OutputTokens = call.Usage.OutputTokens,
            Cost = call.Usage.Cost, Took = call.Took, FirstPiece = call.FirstPiece, Queued = call.Queued, End = JsonNamingPolicy.CamelCase.ConvertName(call.End.ToString()), Shadow = call.Shadow,
        });
        foreach (var fallback in call.Fallbacks)
            GenAiTelemetry.FellBack(call.Spender.Model, fallback.Deployment, fallback.Reason);
    }

    static string Operation(CallKind kind) => kind switch { CallKind.Chat => GenAiNames.Chat, CallKind.Embeddings => GenAiNames.Embeddings, _ => GenAiNames.Infer };
}

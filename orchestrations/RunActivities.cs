using System.Text.Json;
using AiOs.Agents;
using AiOs.ControlPlane.Apps;
using AiOs.ControlPlane.Conversations;
using AiOs.ControlPlane.Runs;
using AiOs.DataPlane;
using AiOs.Policies.Approvals;
using AiOs.Security;
using AiOs.Telemetry;
using Microsoft.Azure.Functions.Worker;
using Microsoft.DurableTask.Client;
using Microsoft.Extensions.Logging;

namespace AiOs.Orchestrations;

/// <summary>The beginning and the end of a run.</summary>
public sealed class RunActivities(RunContext runContext, Runs runs, Conversations conversations, Approvals approvals, OutcomeBuilder outcomes, TurnEnds turns, RunSpans spans, ILogger<RunActivities> log)
{
    const int MostText = 8_000;

    /// <summary>The text, the attributes and the conversation's fields together, in bytes of JSON: what the history takes of one activity.</summary>
    const int MostInput = 48 * 1024;

    /// <summary>Puts the plan into the history.</summary>
    [Function(nameof(LoadPlan))]
    public Task<Plan> LoadPlan([ActivityTrigger] RunStart start, CancellationToken cancellationToken) => runContext.PlanAsync(start, cancellationToken);

    /// <summary>Marks the run as started and reads what its expressions see: the message, the conversation, the principal.</summary>
    [Function(nameof(BeginRun))]
    public async Task<RunBegin> BeginRun([ActivityTrigger] RunStart start, CancellationToken cancellationToken)
    {
        var goesOn = await runs.MarkStartedAsync(start.RunId, cancellationToken);
        var message = await runContext.MessageAsync(start.MessageRef, cancellationToken);
        var thread = start.ConversationId is { } id ? await conversations.GetAsync(start.App, id, cancellationToken) : null;
        JsonElement? fields = thread is { Fields.Count: > 0 } ? Facts.Object(thread.Fields) : null;
        var text = Cut(message.Text, MostInput - Bytes(message.Attributes) - Bytes(fields));
        var input = new RunInput(start.RunId, text, message.Attributes, message.Channel, start.PrincipalId, [.. (start.Roles ?? []).Select(role => role.Name())], fields);
        var command = Commands.Find(message.Channel, message.Text);
        return new(input, thread?.Turn ?? 0, goesOn ? spans.Begin(start) : start.TraceParent, Ended: !goesOn, command is { } said ? Interruptions.Of(said) : null);
    }

    static int Bytes(JsonElement? value) => value is { } given ? JsonSerializer.SerializeToUtf8Bytes(given, AiOsJson.Options).Length : 0;

    /// <summary>The beginning of the text, at most <see cref="MostText"/> characters and <paramref name="bytes"/> of JSON, without half a character at its end.</summary>
    static string Cut(string text, int bytes)
    {
        var end = 0;
        foreach (var rune in text.EnumerateRunes())
        {
            bytes -= rune.Value is < ' ' or '"' or '\\' ? 6 : rune.IsBmp ? rune.Utf8SequenceLength : 12;
            if (bytes < 0 || end + rune.Utf16SequenceLength > MostText)
                return text[..end];
            end += rune.Utf16SequenceLength;
        }

        return text;
    }

    /// <summary>Writes the end of the run: its outcome, what the conversation learned, its measurements. The next run of the conversation gets its turn.</summary>
    [Function(nameof(FinishRun))]
    public async Task FinishRun([ActivityTrigger] FinishCall call, [DurableClient] DurableTaskClient client, CancellationToken cancellationToken)
    {
        var start = call.Start;
        await approvals.VoidForRunAsync(start.RunId, cancellationToken);
        var plan = call.Results.Count > 0 || call.Interruption is not null ? await runContext.PlanAsync(start, cancellationToken) : null;
        var outcome = await outcomes.BuildAsync(start, plan, call.End.Status, call.End.Reason, call.Results, call.Actions, cancellationToken);
        ConversationCommit? commit = null;
        if (start.ConversationId is { } id && plan is not null)
            (outcome, commit) = await turns.EndAsync(new(start, plan, call.Results, call.Turn, call.Interruption, outcome), await conversations.GetAsync(start.App, id, cancellationToken), cancellationToken);
        var finished = await runs.FinishAsync(outcome, commit, cancellationToken);
        if (finished.Next is { } next) await client.ScheduleRunAsync(next.ToStart());
        spans.End(start, call.TraceParent, outcome, finished.Run.StartedAt ?? finished.Run.CreatedAt);
        if (!finished.First) return;
        RunMeter.Ended(finished.Run, plan);
        log.RunEnded(start.RunId, start.App, outcome.Status.ToWire());
    }
}

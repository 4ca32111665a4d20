using System.Diagnostics;
using System.Diagnostics.Metrics;
using AiOs.Telemetry;

namespace AiOs.Agents.Actions;

/// <summary>What actions emit: one span each (<c>action</c>), a counter, a duration and the number of requests.</summary>
static class ActionTelemetry
{
    static readonly Counter<long> Actions = AiOsTelemetry.Meter.CreateCounter<long>("aios.actions", "{action}", "Actions by connector and outcome.");
    static readonly Counter<long> Requests = AiOsTelemetry.Meter.CreateCounter<long>("aios.action.requests", "{request}", "Requests to connectors, retries and probes included.");
    static readonly Histogram<double> Duration = AiOsTelemetry.Meter.CreateHistogram<double>("aios.action.duration", "s", "How long actions take, retries included.");

    public static Activity? Begin(ActionRequest request, Connector connector, string key)
    {
        var span = AiOsTelemetry.Source.StartActivity("action " + connector.Name, ActivityKind.Client);
        return span?.SetTag("aios.run.id", request.RunId).SetTag("aios.step", request.StepPath).SetTag("aios.action.connector", connector.Name).SetTag("aios.action.key", key);
    }

    public static void Request(Connector connector) => Requests.Add(1, new KeyValuePair<string, object?>("aios.action.connector", connector.Name));

    public static void End(Activity? span, Connector connector, ActionResult result, TimeSpan took)
    {
        var outcome = result.Outcome.ToString().ToLowerInvariant();
        span?.SetTag("aios.action.outcome", outcome);
        if (result.Outcome is ActionOutcome.Failed or ActionOutcome.Unknown)
            span?.SetStatus(ActivityStatusCode.Error);
        TagList tags = [new("aios.action.connector", connector.Name), new("aios.action.outcome", outcome)];
        Actions.Add(1, tags);
        Duration.Record(took.TotalSeconds, tags);
    }
}

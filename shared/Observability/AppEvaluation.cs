using System.Text.Json;
using AiOs.Agents;
using AiOs.Agents.Extraction;
using AiOs.Agents.Language;
using AiOs.ControlPlane.Apps;
using AiOs.ControlPlane.Runs;
using AiOs.Observability.Intents;
using AiOs.Security;

namespace AiOs.Observability;

/// <summary>One labelled message that came out wrong.</summary>
public sealed record EvalMiss(string Text, string ExpectedIntent, string Intent, double Confidence, string? ExpectedDecision, string? Decision, string? Rule)
{
    /// <summary>Where the intent is wrong: the example of the intent that it was taken for that is most like it.</summary>
    public string? Nearest { get; init; }
}

/// <summary>How an app does on its labelled messages; accuracies from 0 to 1, a message is right when intent and decision are.</summary>
public sealed record EvalReport(string App, int Messages, double Accuracy, double IntentAccuracy, double DecisionAccuracy, IReadOnlyList<EvalMiss> Misses)
{
    /// <summary>Which intents were taken for which, the worst understood intent first.</summary>
    public IReadOnlyList<IntentConfusion> Confusion { get; init; } = [];

    /// <summary>The messages in other languages; null where there is none.</summary>
    public EvalLanguages? OtherLanguages { get; init; }

    /// <summary>What models used, where any was asked.</summary>
    public EvalModels? Models { get; init; }
}

/// <summary>Runs the labelled messages of an app through its understanding and its policy, as a run would, without asking people, without acting, and without asking models unless that is wanted.</summary>
public sealed class AppEvaluation(Masking masking, Understanding understanding, Detection detection, TimeProvider clock)
{
    /// <summary>The name that stands for a message that is none of the app's business.</summary>
    public const string OutOfScope = "outOfScope";

    /// <summary>The labelled messages that nearly repeat a training example; they would flatter the result.</summary>
    public static IReadOnlyList<(string Message, string Example)> Repeats(AppManifest manifest)
    {
        var examples = manifest.Steps.Where(step => step.Intents is not null)
            .SelectMany(step => step.Intents!.Intents.SelectMany(intent => intent.Examples).Concat(step.Intents.OutOfScope))
            .Select(example => (example, NearRepeats.Grams(example))).ToList();
        return [.. manifest.Evals.Select(eval => (eval.Text, NearRepeats.Of(eval.Text, examples))).Where(found => found.Item2 is not null).Select(found => (found.Text, found.Item2!))];
    }

    /// <summary>Evaluates every labelled message against <paramref name="plan"/>, reporting progress from 0 to 1.</summary>
    public async Task<EvalReport> RunAsync(Plan plan, string planDigest, IReadOnlyList<EvalCase> cases, ModelUse models, IProgress<double>? progress, CancellationToken cancellationToken)
    {
        var asked = models == ModelUse.Configured ? new AskedModels() : null;
        var foreign = new List<(bool Taken, double Confidence, bool Right)>();
        var compiled = CompiledPlan.For(planDigest, plan);
        var misses = new List<EvalMiss>();
        var (intents, decisions) = (0, 0);
        var understood = new List<(string Expected, string Got)>();
        for (var i = 0; i < cases.Count; i++)
        {
            var (intent, confidence, decision, rule) = await OneAsync(plan, compiled, cases[i], asked?.Next(), cancellationToken);
            var intentRight = string.Equals(intent, cases[i].Intent, StringComparison.Ordinal);
            var decisionRight = cases[i].Decision is null || string.Equals(decision, cases[i].Decision, StringComparison.Ordinal);
            understood.Add((cases[i].Intent, intent));
            if (LanguageRecogniser.Recognise(cases[i].Text) == Language.Other) foreign.Add((intent != OutOfScope, confidence, intentRight));
            if (intentRight) intents++;
            if (decisionRight) decisions++;
            if (!intentRight || !decisionRight) misses.Add(new(cases[i].Text, cases[i].Intent, intent, confidence, cases[i].Decision, decision, rule));
            progress?.Report((i + 1.0) / cases.Count);
        }

        return new(plan.App, cases.Count, Share(cases.Count - misses.Count, cases.Count), Share(intents, cases.Count), Share(decisions, cases.Count), misses) 
        {
            Confusion = IntentConfusion.Of(understood), Models = asked?.Total,
            OtherLanguages = foreign.Count == 0 ? null : new(foreign.Count, Share(foreign.Count(one => one.Right), foreign.Count), Error([.. foreign.Where(one => one.Taken).Select(one => (one.Confidence, one.Right))])),
        };
    }

    async Task<(string Intent, double Confidence, string? Decision, string? Rule)> OneAsync(Plan plan, CompiledPlan compiled, EvalCase eval, AskedModels? models, CancellationToken cancellationToken)
    {
        var text = (await masking.MaskAsync(plan.App, eval.Text, plan.Mask, cancellationToken)).Text;
        var facts = StepFacts.Start(plan, new RunInput("eval", text, eval.Attributes, "http", Principal.System.Id, ["client"], null));
        var fields = plan.Fields.ToList();
        var message = new Message(text, eval.Attributes, Channels.Http, clock.GetUtcNow());
        var (intent, confidence, decision, rule) = (OutOfScope, 0.0, (string?)null, (string?)null);
        foreach (var step in plan.Steps.Where(step => compiled.When(step.Id, facts).Runs))
            switch (step.Kind)
            {
                case StepKind.Detect:
                    var (detected, read) = await DetectAsync(plan, step, message, fields, models, cancellationToken);
                    message = read;
                    facts = facts.With(step.Id, detected);
                    confidence = detected.Facts["confidence"].GetDouble();
                    intent = detected.Outcome == "matched" ? detected.Facts["intent"].GetString()! : OutOfScope;
                    break;
                case StepKind.Extract:
                    facts = facts.With(step.Id, understanding.Extract(step.Extract!, message, null));
                    break;
                case StepKind.Decide:
                    var made = compiled.Decide(step.Id, facts);
                    (decision, rule) = (made.Outcome, made.Rule);
                    facts = facts.With(step.Id, new(made.Outcome, Facts.Of(("rule", made.Rule), ("reason", made.Reason)), Facts.NoRefs));
                    break;
                default:
                    break;
            }

        return (intent, confidence, decision, rule);
    }

    /// <summary>As a run does it where models may be asked, else as one without them; and the message as the next steps read it.</summary>
    async Task<(StepResult Detected, Message Read)> DetectAsync(Plan plan, PlanStep step, Message message, IReadOnlyList<FieldSpec> fields, AskedModels? models, CancellationToken cancellationToken)
    {
        if (models is null)
            return (await understanding.DetectAsync(step.Detect!, message.Text, fields, null, understanding.RouteOf(step.Detect!, message.Text, fields, null), cancellationToken), message);
        var detected = await detection.DetectAsync(new(new(plan.App, Principal.System.Id) { Step = step.Id }, step.Detect!, message, fields, null, models), cancellationToken);
        return (detected, await detection.EnglishAsync(detected, cancellationToken) ?? message);
    }

    static double? Error(List<(double Confidence, bool Right)> taken) => taken.Count == 0 ? null : Math.Round(IntentScores.CalibrationError(taken), 4);

    static double Share(int part, int whole) => whole == 0 ? 0 : Math.Round((double)part / whole, 4);
}

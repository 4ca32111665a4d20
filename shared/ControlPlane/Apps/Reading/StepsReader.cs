using AiOs.Agents.Extraction;
using AiOs.DataPlane.Yaml;

namespace AiOs.ControlPlane.Apps.Reading;

/// <summary>Reads the steps of app.yaml: ids, kinds and what each kind needs; expressions are collected, not yet checked.</summary>
sealed class StepsReader(AppFiles files, IReadOnlyList<string> mask)
{
    const int MaxSteps = 64;
    const double DefaultMinConfidence = 0.5, MostCost = 1_000_000;

    static readonly string[] Kinds = ["detect", "extract", "retrieve", "score", "decide", "approve", "act", "answer"];

    public List<StepDraft> Read(Section app)
    {
        var problems = app.Problems;
        var drafts = new List<StepDraft>();
        if (app.Required("steps", "[{id: reply, answer: {model: answer}}]") is not { } node)
            return drafts;
        if (node is not YamlList { Items.Count: > 0 and <= MaxSteps } list)
        {
            problems.Add(node, node is YamlList ? $"An app has between 1 and {MaxSteps} steps." : $"`steps` is a list; found {node.Article}.", "- id: reply");
            return drafts;
        }
        var ids = new Dictionary<string, YamlNode>(StringComparer.Ordinal);
        foreach (var item in list.Items)
        {
            if (Section.Of(item, problems, "a step", ["id", "when", .. Kinds]) is not { } step || step.Scalar("id", "reply") is not { } id)
                continue;
            Names.CheckCamel(id, id.Value, "The step", problems);
            if (!ids.TryAdd(id.Value, id))
                problems.Add(id, $"The step `{id.Value}` stands twice; first in line {ids[id.Value].Line}.");
            else if (Step(step, id.Value) is { } draft)
                drafts.Add(draft);
        }
        return drafts;
    }

    StepDraft? Step(Section step, string id)
    {
        var kinds = Kinds.Where(kind => step[kind] is not null).ToList();
        if (kinds.Count != 1)
        {
            if (kinds.Count > 0 || !step.HasUnknown)
                step.Problems.Add(step.Map, kinds.Count == 0
                ? $"The step `{id}` does nothing: it needs one of {string.Join(", ", Kinds)}."
                : $"The step `{id}` is {string.Join(" and ", kinds)}; a step is one of them.", kinds.Count == 0 ? null : "two steps");
            return null;
        }
        var (when, what) = (step.Scalar("when"), $"the {kinds[0]} step `{id}`");
        var draft = kinds[0] switch
        {
            "detect" => Detect(step, id, what),
            "extract" => Extract(step, id),
            "retrieve" => Retrieve(step, id, what),
            "score" => Score(step, id, what),
            "decide" => Decide(step, id, what),
            "approve" => Approve(step, id, what),
            "act" => Act(step, id, what),
            _ => Answer(step, id, what),
        };
        return draft is null ? null : draft with { When = when, Step = draft.Step with { When = when?.Value } };
    }

    StepDraft Draft(Section step, string id, StepKind kind) => new(step.Map, new ManifestStep(id, kind, null));

    StepDraft? Detect(Section step, string id, string what)
    {
        if (Section.Of(step["detect"], step.Problems, what, "intents", "minConfidence", "costs", "otherLanguages", "model", "otherwise", "translator") is not { } detect)
            return null;
        var draft = Draft(step, id, StepKind.Detect);
        var intents = detect.Scalar("intents", "intents.yaml") is { } path && files.Open(path, step.Problems) is { } file ? IntentsFile.Read(file.Root, file.Problems) : null;
        var routes = LanguageRoutes.Read(detect);
        return draft with
        {
            Step = draft.Step with
            {
                Intents = intents, MinConfidence = MinConfidence(detect),
                OtherLanguages = routes.Others, Languages = routes.Single, Translator = routes.Translator, Reader = routes.Reader, Otherwise = routes.Otherwise,
            },
        };
    }

    /// <summary>As written, or from what mistakes cost: a message is taken up where the expected cost of being wrong is no more than that of handing over, which for a
    /// calibrated confidence p is (1 - p) x wrong &lt;= handOver (Chow 1970, https://doi.org/10.1109/TIT.1970.1054406).</summary>
    double MinConfidence(Section detect)
    {
        var least = detect.Number("minConfidence", 0, 1);
        if (!detect.Has("costs"))
            return least ?? DefaultMinConfidence;
        if (detect.Has("minConfidence"))
            detect.Problems.Add(detect["costs"]!, "`minConfidence` and `costs` say the same in two ways; keep one.", "costs: {wrong: 5, handOver: 1}");
        if (Section.Of(detect["costs"], detect.Problems, "`costs`", "wrong", "handOver") is not { } costs)
            return DefaultMinConfidence;
        costs.Required("wrong", "5");
        costs.Required("handOver", "1");
        var (wrong, handOver) = (costs.Number("wrong", 0.001, MostCost), costs.Number("handOver", 0.001, MostCost));
        if (handOver > wrong)
            detect.Problems.Add(costs["handOver"]!, "`handOver` costs more than `wrong`: then no message would ever be handed over.", "minConfidence: 0");
        return wrong is { } w && handOver is { } h && h <= w ? 1 - h / w : DefaultMinConfidence;
    }

    StepDraft? Extract(Section step, string id)
    {
        if (step["extract"] is not YamlMap { Entries.Count: > 0 and <= 50 } map)
        {
            step.Problems.Add(step["extract"]!, "`extract` is a map from 1 to 50 fields to their kinds.", "extract: {amount: money}");
            return null;
        }
        var fields = new List<FieldSpec>();
        var unreadable = new List<string>();
        foreach (var (key, value) in map.Entries)
        {
            var (name, optional) = key.Value.EndsWith('?') ? (key.Value[..^1], true) : (key.Value, false);
            if (name is "outcome" or "missing")
                step.Problems.Add(key, $"`{name}` is a field that every extract step has; choose another name.");
            else if (fields.Any(field => field.Name == name))
                step.Problems.Add(key, $"The field `{name}` stands twice.");
            else if (Names.CheckCamel(key, name, "The field", step.Problems))
                if (FieldReader.Read(name, optional, value, mask, step.Problems) is { } field)
                    fields.Add(field);
                else
                    unreadable.Add(name);
        }
        var draft = Draft(step, id, StepKind.Extract);
        return draft with { Unreadable = unreadable, Step = draft.Step with { Fields = fields } };
    }

    StepDraft? Retrieve(Section step, string id, string what)
    {
        if (Section.Of(step["retrieve"], step.Problems, what, "knowledge", "top", "roles") is not { } retrieve)
            return null;
        var draft = Draft(step, id, StepKind.Retrieve);
        var knowledge = retrieve.Scalar("knowledge", "knowledge/") is { } path ? files.Knowledge(path, ReadersSection.Read(retrieve, path.Value), step.Problems) : [];
        return draft with { Step = draft.Step with { Knowledge = knowledge, Top = retrieve.Integer("top", 1, 20) ?? 4 } };
    }

    StepDraft? Score(Section step, string id, string what)
    {
        if (Section.Of(step["score"], step.Problems, what, "model", "with") is not { } score)
            return null;
        var (model, with) = (score.Match("model", Names.Kebab, "a model is named in lower-case words with hyphens", "fraud"), With(score));
        if (with.Count == 0)
            step.Problems.Add(score.Map, $"The score step `{id}` gives its model nothing to score.", "with: {amount: steps.fields.amount.minor}");
        var draft = Draft(step, id, StepKind.Score) with { With = with, Model = score.Scalar("model") };
        return model is null ? draft : draft with { Step = draft.Step with { Score = new ScoreStep(model, Expressions(with)) } };
    }

    StepDraft? Decide(Section step, string id, string what)
    {
        if (Section.Of(step["decide"], step.Problems, what, "policy", "with") is not { } decide)
            return null;
        var policy = decide.Scalar("policy", "policy.yaml") is { } path && files.Open(path, step.Problems) is { } file ? PolicyFile.Read(file.Root, file.Problems) : null;
        var with = With(decide);
        var draft = Draft(step, id, StepKind.Decide) with { With = with, Policy = policy };
        return policy is null ? draft : draft with { Step = draft.Step with { Decide = new DecideStep(policy.Definition, Expressions(with)) } };
    }

    StepDraft? Approve(Section step, string id, string what)
    {
        if (Section.Of(step["approve"], step.Problems, what, "role", "within", "onTimeout") is not { } approve)
            return null;
        var role = approve.Word("role", PolicyFile.RoleNames, "adjuster") ?? "owner";
        var within = approve.Duration("within", TimeSpan.FromSeconds(1), TimeSpan.FromDays(30), "4h", required: true) ?? TimeSpan.FromHours(1);
        var timeout = approve.Word("onTimeout", ["reject", "approve", "escalate"]) switch { "approve" => OnTimeout.Approve, "escalate" => OnTimeout.Escalate, _ => OnTimeout.Reject };
        var draft = Draft(step, id, StepKind.Approve);
        return draft with { Step = draft.Step with { Approve = new ApproveStep(role, within, timeout) } };
    }

    StepDraft? Act(Section step, string id, string what)
    {
        if (Section.Of(step["act"], step.Problems, what, "call", "with", "undo") is not { } act)
            return null;
        var (call, undo, with) = (act.Scalar("call", "payments.payout"), act.Scalar("undo"), With(act));
        var draft = Draft(step, id, StepKind.Act) with { With = with, Call = call, Undo = undo };
        return call is null ? draft : draft with { Step = draft.Step with { Act = new ActStep(call.Value, Expressions(with), undo?.Value) } };
    }

    StepDraft? Answer(Section step, string id, string what)
    {
        if (Section.Of(step["answer"], step.Problems, what, "model", "fallback", "say") is not { } answer)
            return null;
        var model = answer.Match("model", Names.Kebab, "a model is named in lower-case words with hyphens", null) ?? "answer";
        var fallback = answer.Word("fallback", ["extractive"]) ?? "extractive";
        var say = new List<(YamlScalar?, YamlScalar)>();
        if (answer.Has("say"))
            if (answer["say"] is not YamlList list)
                step.Problems.Add(answer["say"]!, $"`say` is a list of sentences; found {answer["say"]!.Article}.", "say: [{when: steps.payout.outcome == \"done\", text: Paid.}]");
            else
                foreach (var item in list.Items)
                    if (Section.Of(item, step.Problems, "a sentence", "when", "text") is { } sentence && sentence.Text("text", 2000, "Paid ${steps.fields.amount.amount}.") is not null)
                        say.Add((sentence.Scalar("when"), sentence.Scalar("text")!));
        var draft = Draft(step, id, StepKind.Answer) with { Say = say };
        return draft with { Step = draft.Step with { Answer = new AnswerStep(model, fallback, [.. say.Select(rule => new SayRule(rule.Item1?.Value, rule.Item2.Value))]) } };
    }

    static List<KeyValuePair<YamlScalar, YamlScalar>> With(Section section)
    {
        var with = new List<KeyValuePair<YamlScalar, YamlScalar>>();
        if (!section.Has("with"))
            return with;
        if (section["with"] is not YamlMap map)
        {
            section.Problems.Add(section["with"]!, $"`with` is a map from names to CEL; found {section["with"]!.Article}.", "with: {claim: run.id}");
            return with;
        }
        foreach (var (key, value) in map.Entries)
            if (!Names.CheckCamel(key, key.Value, "The name", section.Problems))
                continue;
            else if (value is YamlScalar scalar)
                with.Add(new(key, scalar));
            else
            {
                section.Problems.Add(value, $"`{key.Value}` is one CEL expression; found {value.Article}.", value is YamlMap ? "CEL writes a map in quotes: '{\"name\": input.text}'" : "CEL writes a list in quotes: '[1, 2]'");
                // The name exists, so that nothing else complains about it.
                with.Add(new(key, new YamlScalar("null", Plain: true, 0, value.Line, value.Column)));
            }
        return with;
    }

    static Dictionary<string, string> Expressions(List<KeyValuePair<YamlScalar, YamlScalar>> with) => with.ToDictionary(entry => entry.Key.Value, entry => entry.Value.Value, StringComparer.Ordinal);
}

using System.Diagnostics;
using AiOs.ControlPlane.Apps;

namespace AiOs.Shared.Tests.Apps;

/// <summary>Whatever is wrong in an app is found before it is deployed, with its place and with what to write instead.</summary>
public sealed class AppReaderTests
{
    [Fact]
    public void A_right_app_is_read_whole()
    {
        var read = AppReader.Read(SmallApp.Package());

        Assert.Empty(read.Problems);
        var app = read.Manifest!;
        Assert.Equal(["intent", "fields", "wording", "decision", "adjuster", "payout", "reply"], app.Steps.Select(step => step.Id));
        Assert.Equal((TimeSpan.FromHours(4), OnTimeout.Reject), (app.Steps[4].Approve!.Within, app.Steps[4].Approve!.OnTimeout));
        Assert.Equal([false, false, true, false, true], app.Steps[1].Fields!.Select(field => field.Optional));
        Assert.Equal(TimeSpan.FromMilliseconds(1500), app.Slo!.P95);
        Assert.Equal(0.99, app.Slo.Success);
        Assert.Equal(2, Assert.Single(app.Evals).Attributes!.Value.GetProperty("claimsLastYear").GetInt32());
        Assert.Equal(["Url ${SANDBOX_URL}/payouts", "Secret payments-key", "Url ${SANDBOX_URL}/payouts/"], app.Needs.Select(need => $"{need.Kind} {need.Value}"));
    }

    [Fact]
    public void The_manifest_says_who_may_read_a_document_and_the_longest_path_counts()
    {
        var files = new Dictionary<string, string>(SmallApp.Files, StringComparer.Ordinal)
        {
            ["knowledge/internal/prices.md"] = "---\nroles: [client]\n---\n# Prices\n\nThey rise.",
            ["knowledge/internal/vault.md"] = "# Vault\n\nIt opens at noon.",
            ["knowledge/open.md"] = "---\nroles: [client]\n---\n# Open\n\nAlways.",
        };
        files["app.yaml"] = files["app.yaml"].Replace("top: 4", "roles: {internal/: [operator, adjuster], internal/vault.md: owner}", StringComparison.Ordinal);
        var read = AppReader.Read(AppPackage.FromFiles(files));

        Assert.Empty(read.Problems);
        Assert.Equal(["internal/prices.md adjuster,operator", "internal/vault.md owner", "open.md client", "water.md "],
            read.Manifest!.Steps[2].Knowledge!.Select(file => $"{file.Path["knowledge/".Length..]} {string.Join(',', file.Roles)}").Order(StringComparer.Ordinal));
    }

    [Fact]
    public void What_mistakes_cost_decides_the_least_confidence()
    {
        var read = AppReader.Read(SmallApp.Package(("app.yaml", "minConfidence: 0.5", "costs: {wrong: 5, handOver: 1}")));
        Assert.Empty(read.Problems);
        Assert.Equal(0.8, read.Manifest!.Steps[0].MinConfidence, 9);
    }

    [Theory]
    // app.yaml
    [InlineData("app.yaml", "name: small-claims", "name: Small Claims", "app.yaml|Small Claims", "lower-case", "small-claims")]
    [InlineData("app.yaml", "version: 1.0.0", "version: 1.0", "app.yaml|1.0\n", "semantic", "1.0.0")]
    [InlineData("app.yaml", "owner: claims", "ownr: claims", "app.yaml|ownr", "no `ownr`", "owner")]
    [InlineData("app.yaml", "owner: claims", "", "app.yaml|name:", "needs `owner`", "owner:")]
    [InlineData("app.yaml", "summary: Pays", "name: twice\nsummary: Pays", "app.yaml|name: twice", "stands twice; first in line 1", null)]
    [InlineData("app.yaml", "mask: [email, iban]", "mask: [email, person, iban]", "app.yaml|person", "needs a model", "leave it out")]
    [InlineData("app.yaml", "mask: [email, iban]", "mask: [emial, iban]", "app.yaml|emial", "no kind of personal data", "email")]
    [InlineData("app.yaml", "mask: [email, iban]", "mask: [email]", "app.yaml|iban, kind", "must be masked", "mask: [email, iban]")]
    [InlineData("app.yaml", "0 0 6 * * *", "0 0 26 * * *", "app.yaml|'0 0 26", "", "cron:")]
    [InlineData("app.yaml", "Europe/Berlin", "Europe/Berlln", "app.yaml|Europe/Berlln", "no time zone", "Europe/Berlin")]
    [InlineData("app.yaml", "hourlyCost: 48", "hourlyCost: cheap", "app.yaml|cheap", "a number", null)]
    [InlineData("app.yaml", "success: 99%", "success: 0.99", "app.yaml|0.99", "percentage", "99%")]
    [InlineData("app.yaml", "p95: 1500ms", "p95: 1500", "app.yaml|1500,", "duration", "1500s")]
    // steps
    [InlineData("app.yaml", "- id: wording", "- id: intent", "app.yaml|intent\n    retrieve", "stands twice; first in line 8", null)]
    [InlineData("app.yaml", "- id: wording", "- id: word-ing", "app.yaml|word-ing", "camelCase", "wordIng")]
    [InlineData("app.yaml", "retrieve: {knowledge: knowledge/, top: 4}", "lookup: {}", "app.yaml|lookup", "no `lookup`", null)]
    [InlineData("app.yaml", "retrieve: {knowledge: knowledge/, top: 4}", "retrieve: {knowledge: knowledge/}\n    answer: {}", "app.yaml|id: wording", "retrieve and answer", "two steps")]
    [InlineData("app.yaml", "top: 4", "top: 4.5", "app.yaml|4.5", "whole number", null)]
    [InlineData("app.yaml", "knowledge: knowledge/", "knowledge: knowlege/", "app.yaml|knowlege", "no document", "knowledge/")]
    [InlineData("app.yaml", "top: 4", "roles: {watr.md: operator}", "app.yaml|watr.md", "no document", "water.md")]
    [InlineData("app.yaml", "top: 4", "roles: {water.md: [operater]}", "app.yaml|operater", "no role", "operator")]
    [InlineData("app.yaml", "top: 4", "roles: {water.md: []}", "app.yaml|[]", "needs the roles", "roles:")]
    [InlineData("app.yaml", "top: 4", "roles: [operator]", "app.yaml|[operator]", "is a map", "roles:")]
    [InlineData("app.yaml", "intents: intents.yaml", "intents: intent.yaml", "app.yaml|intent.yaml", "no file", "intents.yaml")]
    [InlineData("app.yaml", "minConfidence: 0.5", "minConfidence: 50%", "app.yaml|50%", "from 0 to 1", "0.5")]
    [InlineData("app.yaml", "minConfidence: 0.5", "minConfidence: 0.5, costs: {wrong: 5, handOver: 1}", "app.yaml|{wrong: 5", "keep one", "costs:")]
    [InlineData("app.yaml", "minConfidence: 0.5", "costs: {wrong: 1, handOver: 5}", "app.yaml|5}", "more than `wrong`", "minConfidence: 0")]
    [InlineData("app.yaml", "minConfidence: 0.5", "otherLanguages: modle", "app.yaml|modle", "one of", "model")]
    [InlineData("app.yaml", "minConfidence: 0.5", "otherLanguages: {de: modle}", "app.yaml|modle", "one of", "model")]
    [InlineData("app.yaml", "minConfidence: 0.5", "otherLanguages: {german: model}", "app.yaml|german", "no language that is recognised", null)]
    [InlineData("app.yaml", "minConfidence: 0.5", "otherLanguages: {da: model, nb: translate}", "app.yaml|nb: translate", "not told apart", "nb: model")]
    [InlineData("app.yaml", "minConfidence: 0.5", "otherLanguages: translate, model: big", "app.yaml|big", "who reads", "otherLanguages: model")]
    [InlineData("app.yaml", "minConfidence: 0.5", "otherLanguages: model, otherwise: read", "app.yaml|read}", "handOff", null)]
    [InlineData("app.yaml", "minConfidence: 0.5", "otherLanguages: model, translator: big", "app.yaml|big", "does not stand here", "otherLanguages: translate")]
    [InlineData("app.yaml", "minConfidence: 0.5", "costs: {wrong: 5}", "app.yaml|{wrong: 5}", "needs `handOver`", "handOver: 1")]
    [InlineData("app.yaml", "minConfidence: 0.5", "costs: {wrong: -5, handOver: 1}", "app.yaml|-5", "a number from", null)]
    [InlineData("app.yaml", "minConfidence: 0.5", "costs: 5", "app.yaml|5}\n", "is a map", "wrong")]
    [InlineData("app.yaml", "amount: money", "amount: mony", "app.yaml|mony", "no kind of field", "money")]
    [InlineData("app.yaml", "'PC-[0-9]{6}'", "'(?<=PC-)[0-9]{6}'", "app.yaml|'(?<=PC-)[0-9]{6}'", "backtracking", null)]
    [InlineData("app.yaml", "'PC-[0-9]{6}'", "'(PC-[0-9]{6}'", "app.yaml|'(PC-[0-9]{6}'", "does not parse", null)]
    [InlineData("app.yaml", "'PC-[0-9]{6}'", "'((a{60}){60}){60}'", "app.yaml|'((a{60}){60}){60}'", "repeats too much", null)]
    [InlineData("app.yaml", "'PC-[0-9]{6}'", "'[0-9]*'", "app.yaml|'[0-9]*'", "matches nothing", null)]
    [InlineData("app.yaml", "amount: money", "missing: money", "app.yaml|missing: money", "every extract step has", null)]
    [InlineData("app.yaml", "role: adjuster", "role: ajuster", "app.yaml|ajuster", "one of", "adjuster")]
    [InlineData("app.yaml", "within: 4h", "within: 4 hours", "app.yaml|4 hours", "duration", "4h")]
    [InlineData("app.yaml", "within: 4h, ", "", "app.yaml|{role: adjuster", "needs `within`", "4h")]
    // expressions of steps
    [InlineData("app.yaml", "when: steps.decision.outcome == \"approve\"", "when: steps.decision.outcome == \"aprove\"", "app.yaml|\"aprove\"", "never \"aprove\"", "\"approve\"")]
    [InlineData("app.yaml", "when: steps.decision.outcome == \"approve\"", "when: steps.reply.outcome == \"answered\"", "app.yaml|reply.outcome", "has not run yet", null)]
    [InlineData("app.yaml", "when: steps.decision.outcome == \"approve\"", "when: steps.decision.outcome", "app.yaml|outcome\n    approve:", "a bool is needed", "==")]
    [InlineData("app.yaml", "when: steps.decision.outcome == \"approve\"", "when: 'steps.intent.intent == \"report-damge\"'", "app.yaml|\"report-damge\"", "never \"report-damge\"", "\"report-damage\"")]
    [InlineData("app.yaml", "claim: run.id", "claim: run.idd", "app.yaml|idd", "no `idd`", "run.id")]
    [InlineData("app.yaml", "claim: run.id", "claim: urgent", "app.yaml|urgent", "not declared", "\"urgent\"")]
    [InlineData("app.yaml", "claim: run.id", "claim: {id: run.id}", "app.yaml|{id: run.id}", "one CEL expression", "{\"name\"")]
    [InlineData("app.yaml", "${steps.fields.amount.amount}", "${steps.fields.amount}", "app.yaml|steps.fields.amount}.", "a single value", "steps.fields.amount.amount")]
    [InlineData("app.yaml", "${steps.fields.amount.amount}", "${steps.fields.amount.amount", "app.yaml|${steps.fields", "not closed", null)]
    // calls
    [InlineData("app.yaml", "call: payments.payout", "call: payments.pay-out", "app.yaml|payments.pay-out", "no connector", "payments.payout")]
    [InlineData("app.yaml", "undo: payments.cancel", "undo: payments.cancle", "app.yaml|payments.cancle", "no connector", "payments.cancel")]
    [InlineData("connectors.yaml", "effect: writes\n  idempotency: key", "effect: irreversible\n  idempotency: key", "app.yaml|payments.cancel}", "no undo", null)]
    // policy.yaml
    [InlineData("app.yaml", "amount: steps.fields.amount.minor", "amont: steps.fields.amount.minor", "app.yaml|amont", "no input", "amount")]
    [InlineData("app.yaml", ", amount: steps.fields.amount.minor", "", "app.yaml|id: decision", "needs the input `amount`", "amount")]
    [InlineData("app.yaml", "amount: steps.fields.amount.minor", "amount: steps.fields.amount.amount", "app.yaml|amount}}", "an int is needed", null)]
    [InlineData("policy.yaml", "amount: int", "amount: integer", "policy.yaml|integer", "no type", "int")]
    [InlineData("policy.yaml", "confidence < 0.6", "confidense < 0.6", "policy.yaml|confidense", "not declared", "confidence")]
    [InlineData("policy.yaml", "\"report-damage\"", "\"report-demage\"", "policy.yaml|\"report-demage\"", "never \"report-demage\"", "\"report-damage\"")]
    [InlineData("policy.yaml", "then: allow", "then: alow", "policy.yaml|alow", "one of", "allow")]
    [InlineData("policy.yaml", "then: allow", "then: allow, by: adjuster", "policy.yaml|adjuster, reason: Small", "names who approves", null)]
    [InlineData("policy.yaml", "id: small", "id: unsure", "policy.yaml|unsure, when: intent", "stands twice", null)]
    [InlineData("policy.yaml", "id: small", "id: no-match", "policy.yaml|no-match", "no rule speaks", null)]
    // connectors.yaml
    [InlineData("connectors.yaml", "arguments.amount.minor", "arguments.amount.minr", "connectors.yaml|minr", "no `minr`", "arguments.amount.minor")]
    [InlineData("connectors.yaml", "claim: arguments.claim", "claim: arguments.clam", "connectors.yaml|clam,", "no `clam`", "arguments.claim")]
    [InlineData("connectors.yaml", "reveal(arguments.iban)", "reveel(arguments.iban)", "connectors.yaml|reveel", "no function", "reveal")]
    [InlineData("connectors.yaml", "${arguments.claim}/cancel", "${argument.claim}/cancel", "connectors.yaml|argument.claim", "not declared", "arguments")]
    [InlineData("connectors.yaml", "'${SANDBOX_URL}/payouts',", "'/payouts',", "connectors.yaml|'/payouts", "absolute", "${SANDBOX_URL}")]
    [InlineData("connectors.yaml", "'${SANDBOX_URL}/payouts',", "'https://${arguments.claim}/payouts',", "connectors.yaml|'https://${", "host is fixed", null)]
    [InlineData("connectors.yaml", "idempotency: key", "idempotency: maybe", "connectors.yaml|maybe", "one of", null)]
    [InlineData("connectors.yaml", "idempotency: key", "idempotency: probe", "connectors.yaml|payments.payout:", "no `probe`", "probe:")]
    [InlineData("connectors.yaml", "attempts: 4", "attempts: 400", "connectors.yaml|400", "from 1 to 20", null)]
    [InlineData("connectors.yaml", "payments.cancel:", "cancel:", "connectors.yaml|cancel:", "system.call", null)]
    // intents.yaml and evals.yaml
    [InlineData("intents.yaml", "[a pipe burst, the roof leaks]", "[a pipe burst]", "intents.yaml|report-damage:", "one example", null)]
    [InlineData("intents.yaml", "how long does it take", "A pipe burst!", "intents.yaml|A pipe burst!", "also stands in `report-damage`", null)]
    [InlineData("intents.yaml", "report-damage:", "ReportDamage:", "intents.yaml|ReportDamage", "lower-case", "report-damage")]
    [InlineData("intents.yaml", "outOfScope:", "fineTune: true\noutOfScope:", "intents.yaml|true", "There are 6 examples; the encoder is tuned from 400 on", "fineTune: false")]
    [InlineData("intents.yaml", "outOfScope:", "fineTune: yes\noutOfScope:", "intents.yaml|yes", "`fineTune` is one of true, false", null)]
    [InlineData("evals.yaml", "intent: report-damage", "intent: report-damge", "evals.yaml|report-damge", "no intent", "report-damage")]
    [InlineData("evals.yaml", "decision: allow", "decision: yes", "evals.yaml|yes", "one of", null)]
    // YAML itself
    [InlineData("app.yaml", "summary: Pays small claims.", "summary: Pays: small claims.", "app.yaml|: small claims.", "no YAML", null)]
    [InlineData("policy.yaml", "policy: claims", "policy: &a claims", "policy.yaml|&a", "anchors", null)]
    [InlineData("policy.yaml", "policy: claims", "policy: !!str claims", "policy.yaml|!!str", "tags", null)]
    public void What_is_wrong_is_found_with_its_place_and_what_to_write(string file, string old, string replacement, string place, string message, string? suggestion)
    {
        var package = SmallApp.Package((file, old, replacement));
        var read = AppReader.Read(package);

        Assert.Null(read.Manifest);
        var at = Place(package, place);
        var problem = Assert.Single(read.Problems, problem => $"{problem.File}:{problem.Line}:{problem.Column}" == at);
        Assert.Contains(message, problem.Message, StringComparison.Ordinal);
        Assert.InRange(read.Problems.Count, 1, 4);
        if (suggestion is not null)
            Assert.Contains(suggestion, problem.Suggestion, StringComparison.Ordinal);
    }

    /// <summary>Line and column of <c>file|words</c>.</summary>
    static string Place(AppPackage package, string place)
    {
        var (file, words) = (place.Split('|')[0], place[(place.IndexOf('|', StringComparison.Ordinal) + 1)..]);
        var text = package.Text(file)!;
        var at = text.IndexOf(words, StringComparison.Ordinal);
        Assert.True(at >= 0, $"`{words}` does not stand in {file}.");
        return $"{file}:{text[..at].Count(c => c == '\n') + 1}:{at - text.LastIndexOf('\n', at)}";
    }

    [Fact]
    public void All_problems_of_all_files_come_at_once()
    {
        var read = AppReader.Read(SmallApp.Package(("app.yaml", "version: 1.0.0", "version: one"), ("app.yaml", "within: 4h", "within: soon"), ("policy.yaml", "amount <= 50000", "amount <= '5'"), ("intents.yaml", ", the roof leaks", "")));

        Assert.Equal(["app.yaml", "app.yaml", "intents.yaml", "policy.yaml"], read.Problems.Select(problem => problem.File));
        Assert.All(read.Problems, problem => Assert.True(problem.Line > 0 && problem.Column > 0));
    }

    public static TheoryData<string> Hostile() => new(
        "", "- 1", "just text", "\0", new string('[', 50_000), new string('{', 50_000), string.Concat(Enumerable.Repeat("a: {", 50_000)), string.Concat(Enumerable.Repeat("- ", 50_000)), new string(' ', 100_000),
        "name: " + new string('x', 1_000_000), "steps:\n" + string.Concat(Enumerable.Repeat("  - {id: a, when: '((((((((((((((((((((((((((((((((((((((((((((((((('}\n", 5_000)),
        "a: &a [x, x]\nb: &b [*a, *a]\nc: &c [*b, *b]", string.Concat(Enumerable.Range(0, 20_000).Select(i => $"key{i}: 1\n")), "name: \"unclosed", "? [a, b]\n: c");

    [Theory]
    [MemberData(nameof(Hostile))]
    public void Hostile_manifests_are_refused_quickly(string text)
    {
        var started = Stopwatch.GetTimestamp();
        var files = new Dictionary<string, string>(SmallApp.Files, StringComparer.Ordinal) { ["app.yaml"] = text };
        var read = AppReader.Read(AppPackage.FromFiles(files));

        Assert.Null(read.Manifest);
        Assert.InRange(read.Problems.Count, 1, 200);
        Assert.True(Stopwatch.GetElapsedTime(started) < TimeSpan.FromMinutes(1), $"{Stopwatch.GetElapsedTime(started)}");
    }
}

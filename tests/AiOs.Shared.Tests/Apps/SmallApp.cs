using AiOs.ControlPlane.Apps;

namespace AiOs.Shared.Tests.Apps;

/// <summary>A right app in a few lines, to be broken in one place at a time.</summary>
static class SmallApp
{
    public static IReadOnlyDictionary<string, string> Files { get; } = new Dictionary<string, string>(StringComparer.Ordinal)
    {
        ["app.yaml"] = """
            name: small-claims
            version: 1.0.0
            summary: Pays small claims.
            owner: claims
            mask: [email, iban]
            triggers: {queue: claims, events: [com.contoso.claim.filed], schedule: {cron: '0 0 6 * * *', timeZone: Europe/Berlin, text: Review.}}
            steps:
              - id: intent
                detect: {intents: intents.yaml, minConfidence: 0.5}
              - id: fields
                extract: {amount: money, policyNumber: 'PC-[0-9]{6}', date?: date, iban: iban, kind?: [water, fire]}
              - id: wording
                retrieve: {knowledge: knowledge/, top: 4}
              - id: decision
                decide: {policy: policy.yaml, with: {intent: steps.intent.intent, confidence: steps.intent.confidence, amount: steps.fields.amount.minor}}
              - id: adjuster
                when: steps.decision.outcome == "approve"
                approve: {role: adjuster, within: 4h, onTimeout: reject}
              - id: payout
                when: steps.decision.outcome == "allow" || steps.adjuster.outcome == "approved"
                act: {call: payments.payout, with: {claim: run.id, amount: steps.fields.amount, iban: steps.fields.iban}, undo: payments.cancel}
              - id: reply
                answer: {model: answer, fallback: extractive, say: [{when: steps.payout.outcome == "done", text: 'Paid ${steps.fields.amount.amount}.'}]}
            kpis: {minutesSaved: 22, hourlyCost: 48}
            slo: {p95: 1500ms, success: 99%}
            """,
        ["policy.yaml"] = """
            policy: claims
            input: {intent: string, confidence: double, amount: int}
            rules:
              - {id: unsure, when: confidence < 0.6, then: approve, by: adjuster, reason: Not sure.}
              - {id: small, when: intent == "report-damage" && amount <= 50000, then: allow, reason: Small.}
            """,
        ["connectors.yaml"] = """
            payments.payout:
              request: {method: POST, url: '${SANDBOX_URL}/payouts', headers: {authorization: 'secret:payments-key'}, body: {claim: arguments.claim, minor: arguments.amount.minor, iban: reveal(arguments.iban)}}
              effect: writes
              idempotency: key
              timeout: 5s
              retry: {attempts: 4, backoff: 200ms}
            payments.cancel:
              request: {method: POST, url: '${SANDBOX_URL}/payouts/${arguments.claim}/cancel'}
              effect: writes
              idempotency: natural
            """,
        ["intents.yaml"] = """
            intents:
              report-damage: {summary: New damage., examples: [a pipe burst, the roof leaks]}
              claim-status: {summary: Where is it., examples: [where is my money, how long does it take]}
            outOfScope: [tell me a joke, what is the weather]
            """,
        ["evals.yaml"] = """
            - {text: the boiler exploded, intent: report-damage, decision: allow, attributes: {claimsLastYear: 2}}
            """,
        ["knowledge/water.md"] = "# Water\n\nBurst pipes are covered.\n",
    };

    public static AppPackage Package(params IReadOnlyList<(string File, string Old, string New)> changes)
    {
        var files = new Dictionary<string, string>(Files, StringComparer.Ordinal);
        foreach (var (file, old, replacement) in changes)
        {
            Assert.Contains(old, files[file], StringComparison.Ordinal);
            files[file] = files[file].Replace(old, replacement, StringComparison.Ordinal);
        }
        return AppPackage.FromFiles(files);
    }
}

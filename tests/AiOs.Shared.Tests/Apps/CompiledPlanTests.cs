using System.Text.Json;
using AiOs.Agents;
using AiOs.Agents.Actions;
using AiOs.ControlPlane.Apps;

namespace AiOs.Shared.Tests.Apps;

/// <summary>What the orchestrator decides from recorded results: which steps run, with what, and what a person is asked.</summary>
public sealed class CompiledPlanTests
{
    const string Digest = "sha256:small";

    static readonly Plan Small = SampleApps.Compile(SmallApp.Package()).Plan;

    static readonly CompiledPlan Compiled = CompiledPlan.For(Digest, Small);

    static StepFacts Start(object? attributes = null) => StepFacts.Start(Small, new RunInput("small-claims-1", "a pipe burst", attributes is null ? null : JsonSerializer.SerializeToElement(attributes), "http", "key:client", ["client"], null));

    static StepResult Result(string outcome, object facts) =>
        new(outcome, JsonSerializer.SerializeToElement(facts).EnumerateObject().ToDictionary(fact => fact.Name, fact => fact.Value, StringComparer.Ordinal), new Dictionary<string, string>(StringComparer.Ordinal));

    static StepFacts Understood(double confidence, long minor) => Start()
        .With("intent", Result("matched", new { intent = "report-damage", confidence }))
        .With("fields", Result("complete", new { amount = new { amount = "240.00", minor, currency = "EUR" }, policyNumber = "PC-104422", iban = "[iban:abcdefghijklmnopqrstuvwxyz]", missing = Array.Empty<string>() }));

    static StepFacts Decided(StepFacts facts) => Compiled.Decide("decision", facts) is var decision ? facts.With("decision", Result(decision.Outcome, new { rule = decision.Rule, reason = decision.Reason })) : facts;

    [Fact]
    public void A_small_clear_claim_is_allowed_and_paid_with_exactly_its_fields()
    {
        var facts = Decided(Understood(0.9, 24_000));

        Assert.Equal((false, true), (Compiled.When("adjuster", facts).Runs, Compiled.When("payout", facts).Runs));
        Assert.Equal("""{"claim":"small-claims-1","amount":{"amount":"240.00","minor":24000,"currency":"EUR"},"iban":"[iban:abcdefghijklmnopqrstuvwxyz]"}""", Compiled.Arguments("payout", facts).Value!.Value.GetRawText());
        Assert.Null(Compiled.Say("reply", facts));
        Assert.Equal("Paid 240.00.", Compiled.Say("reply", facts.With("payout", Result("done", new { key = "k" }))));
    }

    [Fact]
    public void An_approval_shows_and_binds_the_action_that_it_would_allow()
    {
        var facts = Decided(Understood(0.5, 24_000));
        Assert.Equal((true, false), (Compiled.When("adjuster", facts).Runs, Compiled.When("payout", facts).Runs));

        var proposed = Assert.Single(Compiled.Proposal("adjuster", facts));

        var approved = facts.With("adjuster", Result("approved", new { by = "key:adj", comment = "ok" }));
        Assert.True(Compiled.When("payout", approved).Runs);
        var version = Compiled.PolicyVersion("payout", approved);
        Assert.Equal(Small.Step("decision").Decide!.Policy.Version, version);
        Assert.Equal(ActionKey.Digest("payments.payout", Compiled.Arguments("payout", approved).Value!.Value, version), proposed.Digest);
        Assert.NotEqual(proposed.Digest, Assert.Single(Compiled.Proposal("adjuster", Decided(Understood(0.5, 24_001)))).Digest);
        Assert.False(Compiled.When("payout", facts.With("adjuster", Result("rejected", new { by = "key:adj" }))).Runs);
    }

    [Fact]
    public void A_step_that_did_not_run_is_skipped_with_nulls_and_what_needs_its_values_denies()
    {
        var facts = Start();
        Assert.Equal("skipped", facts["decision"].Outcome);
        Assert.False(Compiled.When("payout", facts).Runs);
        Assert.Equal((false, null), (Compiled.When("payout", facts).Runs, Compiled.When("payout", facts).Error));

        var decision = Compiled.Decide("decision", facts.With("intent", Result("matched", new { intent = "report-damage", confidence = 0.9 })));
        Assert.Equal(("deny", "small"), (decision.Outcome, decision.Rule));
        Assert.Contains("`amount` is null", decision.Reason, StringComparison.Ordinal);
        Assert.Equal("", Compiled.PolicyVersion("payout", facts));
    }

    [Fact]
    public void An_expression_without_a_value_counts_as_no_and_says_why()
    {
        var plan = Small with { Steps = [.. Small.Steps.Select(step => step.Id == "payout" ? step with { When = "input.attributes.limit > 5" } : step)] };
        var compiled = CompiledPlan.For("sha256:limit", plan);
        var without = compiled.When("payout", StepFacts.Start(plan, new RunInput("r-1", null, null, "queue", "system", [], null)));

        Assert.False(without.Runs);
        Assert.Contains("has no `limit`", without.Error, StringComparison.Ordinal);
        Assert.True(compiled.When("payout", StepFacts.Start(plan, new RunInput("r-1", null, JsonSerializer.SerializeToElement(new { limit = 6 }), "queue", "system", [], null))).Runs);
    }

    [Fact]
    public void The_same_results_give_the_same_variables_whatever_way_they_went_through_storage()
    {
        var facts = Decided(Understood(0.9, 24_000));
        var stored = StepFacts.Start(Small, new RunInput("small-claims-1", "a pipe burst", null, "http", "key:client", ["client"], null));
        foreach (var step in Small.Steps.Where(step => facts[step.Id].Outcome != "skipped"))
            stored = stored.With(step.Id, JsonSerializer.Deserialize<StepResult>(JsonSerializer.Serialize(facts[step.Id], AiOs.DataPlane.AiOsJson.Options), AiOs.DataPlane.AiOsJson.Options)!);

        Assert.Equal(Policies(facts.Variables), Policies(stored.Variables));

        static string Policies(IReadOnlyDictionary<string, object?> variables) => AiOs.Policies.Cel.CelValue.ToJson(variables).GetRawText();
    }
}

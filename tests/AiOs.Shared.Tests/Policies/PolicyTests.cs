using AiOs.Policies;

namespace AiOs.Shared.Tests.Policies;

/// <summary>deny overrides approve overrides allow; no match and every error deny.</summary>
public sealed class PolicyTests
{
    static PolicyDefinition Claims(params IReadOnlyList<PolicyRule> rules) =>
        new("claims", new Dictionary<string, string>(StringComparer.Ordinal) { ["amount"] = "int", ["confidence"] = "double", ["intent"] = "string" }, rules);

    static readonly PolicyDefinition Usual = Claims(
        new("small", "intent == \"report-damage\" && amount <= 50000", "allow", null, "Small and clear."),
        new("tiny", "amount <= 100", "allow", null, "Tiny."),
        new("unsure", "confidence < 0.6", "approve", "adjuster", "Not sure."),
        new("huge", "amount > 5000000", "deny", null, "Too large."),
        new("absurd", "amount > 9000000", "deny", null, "Absurd."));

    static Decision Decide(PolicyDefinition policy, params IReadOnlyList<(string Name, object? Value)> input) =>
        CompiledPolicy.Compile(policy).Decide(input.ToDictionary(pair => pair.Name, pair => pair.Value, StringComparer.Ordinal));

    [Theory]
    [InlineData(24_000L, 0.9, "report-damage", "allow", "small")]
    [InlineData(50L, 0.9, "report-damage", "allow", "small")]
    [InlineData(50L, 0.9, "other", "allow", "tiny")]
    [InlineData(24_000L, 0.5, "report-damage", "approve", "unsure")]
    [InlineData(9_500_000L, 0.5, "report-damage", "deny", "huge")]
    [InlineData(24_000L, 0.9, "other", "deny", "no-match")]
    public void Deny_overrides_approve_overrides_allow_and_the_first_rule_of_a_verdict_names_itself(long amount, double confidence, string intent, string outcome, string rule)
    {
        var decision = Decide(Usual, ("amount", amount), ("confidence", confidence), ("intent", intent));

        Assert.Equal((outcome, rule), (decision.Outcome, decision.Rule));
        Assert.Equal(outcome == "approve" ? "adjuster" : null, decision.By);
        Assert.NotEmpty(decision.Reason);
    }

    [Fact]
    public void An_error_in_a_rule_denies_with_its_reason_unless_the_rule_is_decided_without_it()
    {
        var missing = Decide(Usual, ("confidence", 0.9), ("intent", "report-damage"));
        Assert.Equal(("deny", "small"), (missing.Outcome, missing.Rule));
        Assert.Contains("`amount` is null", missing.Reason, StringComparison.Ordinal);

        var policy = Claims(new PolicyRule("a", "intent == \"x\" && amount > 1", "deny", null, "x"), new PolicyRule("b", "confidence > 0.5", "allow", null, "ok"));
        Assert.Equal("allow", Decide(policy, ("confidence", 0.9), ("intent", "y")).Outcome);
    }

    [Fact]
    public void An_input_of_another_type_denies_and_its_value_is_not_repeated()
    {
        var decision = Decide(Usual, ("amount", "4111 1111 1111 1111"), ("confidence", 1L), ("intent", "report-damage"));

        Assert.Equal(("deny", "bad-input"), (decision.Outcome, decision.Rule));
        Assert.DoesNotContain("4111", decision.Reason, StringComparison.Ordinal);
        Assert.Contains("`amount`", decision.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public void The_version_counts_rules_in_order_and_inputs_in_any()
    {
        var turned = Usual with { Input = Usual.Input.Reverse().ToDictionary(StringComparer.Ordinal) };
        Assert.Equal(Usual.Version, turned.Version);
        Assert.NotEqual(Usual.Version, (Usual with { Rules = [.. Usual.Rules.Reverse()] }).Version);
        Assert.NotEqual(Usual.Version, (Usual with { Rules = [Usual.Rules[0] with { Reason = "Otherwise." }, .. Usual.Rules.Skip(1)] }).Version);
        Assert.Matches("^sha256:[0-9a-f]{64}$", Usual.Version);
    }

    [Fact]
    public void A_rule_that_does_not_compile_is_named()
    {
        var wrong = Assert.Throws<PolicyException>(() => CompiledPolicy.Compile(Claims(new PolicyRule("typo", "amout > 1", "deny", null, "x"))));

        Assert.Equal(("typo", "amount"), (wrong.Rule, wrong.Cel!.Suggestion));
    }
}

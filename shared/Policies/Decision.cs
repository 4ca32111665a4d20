namespace AiOs.Policies;

/// <summary>What a policy says about one set of facts.</summary>
/// <param name="Outcome"><c>allow</c>, <c>deny</c> or <c>approve</c>.</param>
/// <param name="Rule">The rule that decided, or <see cref="NoMatch"/> or <see cref="BadInput"/>.</param>
/// <param name="Reason">Why, for a person; names fields and types, never values.</param>
/// <param name="By">For <c>approve</c>: the role that answers, where the rule names one.</param>
public sealed record Decision(string Outcome, string Rule, string Reason, string? By)
{
    /// <summary>The rule id when no rule matched: denied.</summary>
    public const string NoMatch = "no-match";

    /// <summary>The rule id when an input is not there or has another type: denied.</summary>
    public const string BadInput = "bad-input";

    /// <summary>The denial for an input that has no value.</summary>
    public static Decision InputError(string reason) => new(Verdicts.Deny, BadInput, reason, null);
}

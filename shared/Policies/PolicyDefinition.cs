using System.Text.Json.Serialization;
using AiOs.DataPlane;

namespace AiOs.Policies;

/// <summary>A verdict's name on the wire.</summary>
public static class Verdicts
{
    /// <summary>The action may happen.</summary>
    public const string Allow = "allow";

    /// <summary>The action must not happen.</summary>
    public const string Deny = "deny";

    /// <summary>A person must approve first.</summary>
    public const string Approve = "approve";

    /// <summary>All three, strongest first.</summary>
    public static IReadOnlyList<string> All { get; } = [Deny, Approve, Allow];
}

/// <summary>One rule: when it holds, its verdict counts.</summary>
/// <param name="Id">Unique in its policy; stands in decisions and audit entries.</param>
/// <param name="When">CEL over the policy's input; a bool.</param>
/// <param name="Then"><c>allow</c>, <c>deny</c> or <c>approve</c>.</param>
/// <param name="By">For <c>approve</c>: the role that answers, where the rule names one.</param>
/// <param name="Reason">What a person is told.</param>
public sealed record PolicyRule(string Id, string When, string Then, string? By, string Reason);

/// <summary>A policy as it is written and stored: a name, typed inputs and rules in order.</summary>
/// <param name="Name">The policy's name.</param>
/// <param name="Input">Input name -> type, as <see cref="Cel.CelType.Parse"/> reads it.</param>
/// <param name="Rules">The rules in order.</param>
public sealed record PolicyDefinition(string Name, IReadOnlyDictionary<string, string> Input, IReadOnlyList<PolicyRule> Rules)
{
    /// <summary>The digest of the canonical form: canonical JSON, inputs sorted by name and rules in order. Layout and comments of the file do not count.</summary>
    [JsonIgnore]
    public string Version => CanonicalJson.Digest(this);
}

using System.Text.Json;
using AiOs.Agents;
using AiOs.Agents.Actions;
using AiOs.ControlPlane.Apps;
using AiOs.ControlPlane.Conversations;
using AiOs.ControlPlane.Runs;
using AiOs.Policies;

namespace AiOs.Orchestrations;

/// <summary>What the second activity of a run reads for the orchestrator's expressions: everything masked, at most 48 KB.</summary>
/// <param name="Input">What CEL sees of the message; its text is cut at 8,000 characters (agents read it whole).</param>
/// <param name="Turn">The conversation's turn as the run found it; its end commits only where nobody else has.</param>
/// <param name="TraceParent">The W3C traceparent of the run's span, parent of every step's span.</param>
/// <param name="Ended">The run had ended before; there is nothing to do.</param>
/// <param name="Interruption">The message is a command to the conversation and none of the app's business: no step runs.</param>
public sealed record RunBegin(RunInput Input, long Turn, string? TraceParent, bool Ended, Interruption? Interruption = null);

/// <summary>Which step of which run an activity works on.</summary>
/// <param name="Start">The run.</param>
/// <param name="Step">The step's id in the plan.</param>
/// <param name="TraceParent">Parent of the step's span.</param>
/// <param name="Translated">What stands for the message where it was translated.</param>
public sealed record StepCall(RunStart Start, string Step, string? TraceParent, TranslatedCall? Translated = null);

/// <summary>A message that was translated to English.</summary>
/// <param name="MessageRef">The message with its text in English.</param>
/// <param name="Language">What it was written in: BCP 47.</param>
/// <param name="Model">The logical name of the model that translates.</param>
public sealed record TranslatedCall(string MessageRef, string Language, string Model);

/// <summary>A case to score.</summary>
/// <param name="Inputs">The masked inputs by name; null where an expression has no value.</param>
public sealed record ScoreCall(StepCall Call, JsonElement? Inputs);

/// <summary>A verdict to put on record.</summary>
public sealed record DecideCall(StepCall Call, Decision Decision, string PolicyVersion);

/// <summary>A question for people, bound to the digest of exactly what was proposed.</summary>
/// <param name="Path">The step's id, or a path below it.</param>
/// <param name="Digest">The digest of the one proposed action, or of all of them together.</param>
public sealed record ApprovalCall(StepCall Call, string Path, string Role, TimeSpan Within, OnTimeout OnTimeout, string Summary, JsonElement? Proposal, string Digest, string PolicyVersion, IReadOnlyDictionary<string, StepResult> Results);

/// <summary>An approval that waits for its answer.</summary>
public sealed record OpenedApproval(string Id, DateTime DeadlineUtc);

/// <summary>The wait for an approval is over.</summary>
public sealed record SettleCall(StepCall Call, string Path, string ApprovalId, OnTimeout OnTimeout);

/// <summary>What is stored of an approval after its answer or its deadline; the result is null while it is still pending.</summary>
public sealed record SettledApproval(StepResult? Result, DateTime DeadlineUtc);

/// <summary>An action to carry out.</summary>
/// <param name="Arguments">The masked arguments.</param>
/// <param name="ApprovedDigest">Where an approval stands before this action: the digest that was approved, empty if this action was not among what was proposed.</param>
public sealed record ActCall(StepCall Call, string Connector, JsonElement Arguments, string PolicyVersion, string? ApprovedDigest);

/// <summary>An action whose outcome nobody knew, and what a person found out about it.</summary>
public sealed record ResolveCall(StepCall Call, string Connector, JsonElement Arguments, string PolicyVersion, ActionVerdict Verdict, string By);

/// <summary>A completed action to take back.</summary>
public sealed record UndoCall(StepCall Call, string Connector, string UndoConnector, JsonElement Arguments, string PolicyVersion);

/// <summary>How an undo went; the reason is free of personal data.</summary>
public sealed record UndoEnd(bool Undone, string? Reason);

/// <summary>An answer to compose.</summary>
/// <param name="Said">The app's own sentence about what was decided and done, already filled in.</param>
/// <param name="PassagesRef">The passages of the last retrieval, by reference.</param>
public sealed record AnswerCall(StepCall Call, string? Said, string? PassagesRef);

/// <summary>The end of a run, to be written.</summary>
/// <param name="Interruption">Why the steps were not walked to their end, where nothing failed.</param>
public sealed record FinishCall(RunStart Start, RunEnd End, IReadOnlyDictionary<string, StepResult> Results, IReadOnlyList<OutcomeAction> Actions, long Turn, string? TraceParent, Interruption? Interruption = null);

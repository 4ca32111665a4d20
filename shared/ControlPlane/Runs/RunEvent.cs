using System.Text.Json;

namespace AiOs.ControlPlane.Runs;

/// <summary>One line of a run's timeline. Recording the same (run, step, attempt) again replaces the line and moves it to the end of the sequence.</summary>
/// <param name="Sequence">1, 2, 3 ... within the run, in the order of the last change; given by the store (0 when recording).</param>
/// <param name="RunId">The run.</param>
/// <param name="Step">The step, or another name that is unique within the run (<c>reply/1</c> for the first sentence of step reply).</param>
/// <param name="Attempt">1, and more when the step is tried again.</param>
/// <param name="Kind">What kind of line: a step kind, <c>sentence</c>, <c>run</c>.</param>
/// <param name="Outcome">The step's outcome; <c>started</c> while it is under way.</param>
/// <param name="StartedAt">When it began.</param>
/// <param name="EndedAt">When it ended; null while it is under way.</param>
/// <param name="Facts">What is worth showing: masked scalars.</param>
public sealed record RunEvent(long Sequence, string RunId, string Step, int Attempt, string Kind, string Outcome, DateTimeOffset StartedAt, DateTimeOffset? EndedAt = null, JsonElement? Facts = null);

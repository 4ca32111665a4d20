using AiOs.Serving.Calls;

namespace AiOs.Serving.Captures;

/// <summary>One call of a model as it is kept: what drift is measured by and what can be asked again. Masked, as the model was asked.</summary>
/// <param name="Position">Its place in the order of arrival.</param>
/// <param name="Call">What is known of it; without input and output where the call was sensitive, they were too long, or only a list is shown.</param>
/// <param name="Cut">Whether input or output were longer than what is kept.</param>
public sealed record Capture(long Position, CallFacts Call, bool Cut);

/// <summary>A page of captures, newest first; <paramref name="Next"/> is the <c>after</c> of the next page, null on the last.</summary>
public sealed record CapturePage(IReadOnlyList<Capture> Captures, string? Next);

/// <summary>Which captures are looked for; what is null is not asked.</summary>
public sealed record CaptureQuery(string? Run = null, string? Model = null, int Top = 50, long? After = null);
